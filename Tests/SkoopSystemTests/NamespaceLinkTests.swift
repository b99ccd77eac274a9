// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct NamespaceLinkTests {
    @Test func ownNamespaceHasTheNumberThatStatGives() throws {
        let proc = try FileDescriptor(open: "/proc", flags: O_DIRECTORY)
        var status = stat()
        try #require(stat("/proc/self/ns/net", &status) == 0)
        #expect(try proc.networkNamespace(ofProcess: getpid()) == UInt64(status.st_ino))
        #expect(try proc.networkNamespace(link: "self/ns/net") == UInt64(status.st_ino))
    }

    @Test(
        arguments: [
            ("net:[4026531833]", 4_026_531_833), ("net:[18446744073709551615]", .max),
            ("net:[18446744073709551616]", nil),
            ("net:[]", nil), ("net:[", nil), ("net:[1", nil), ("mnt:[1]", nil), ("net:[1]x", nil), ("x", nil),
            (String(repeating: "net:[1]", count: 20), nil),
        ] as [(String, UInt64?)])
    func onlyTheKernelsFormIsANamespace(target: String, inode: UInt64?) throws {
        let directory = try TemporaryDirectory()
        try directory.link("link", to: target)
        let descriptor = try FileDescriptor(open: directory.path, flags: O_DIRECTORY)
        if let inode {
            #expect(try descriptor.networkNamespace(link: "link") == inode)
        } else {
            #expect(throws: SystemError("readlink", "link", errno: EINVAL)) {
                try descriptor.networkNamespace(link: "link")
            }
        }
        let error = #expect(throws: SystemError.self) { try descriptor.networkNamespace(ofProcess: 1) }
        #expect(error?.isAbsence == true)
    }

    @Test func oneFileHasOneIdentity() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "a")
        try directory.write("", to: "b")
        try directory.link("c", to: "a")
        let identity = try FileIdentity(path: directory.path + "/a")
        #expect(try FileIdentity(path: directory.path + "/c") == identity)
        #expect(try FileIdentity(path: directory.path + "/b") != identity)
        #expect(try FileIdentity(path: "/proc/self/ns/net").device == FileIdentity(path: "/proc/self/ns/mnt").device)
        #expect(throws: SystemError("stat", "/nonexistent", errno: ENOENT)) { try FileIdentity(path: "/nonexistent") }
    }

    @Test func aProcessDirectoryHasTheInodeThatStatGives() throws {
        let proc = try FileDescriptor(open: "/proc", flags: O_DIRECTORY)
        var reader = DirectoryReader()
        var found: UInt64?
        try reader.forEach(in: proc) { if $0.number == UInt64(getpid()) { found = $0.inode } }
        var status = stat()
        try #require(stat("/proc/\(getpid())", &status) == 0)
        #expect(found == UInt64(status.st_ino))
    }

    @Test func pollingDoesNotWait() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reading = FileDescriptor(owning: ends[0])
        let writing = FileDescriptor(owning: ends[1])
        #expect(try reading.pendingEvents(POLLIN) == 0)
        #expect(try writing.pendingEvents(POLLIN | POLLOUT) == POLLOUT)
        try #require(write(writing.rawValue, "x", 1) == 1)
        #expect(try reading.pendingEvents(POLLIN) == POLLIN)
    }
}
