// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import Testing

@Suite struct NamespaceHandleTests {
    @Test func aFileThatIsNoNamespaceIsRefused() {
        #expect(throws: SystemError.self) { try NamespaceHandle(path: "/proc/self/status").inode }
        #expect(throws: SystemError.self) { try NamespaceHandle(path: "/proc/self/ns/mnt").inode }
        #expect(throws: SystemError.self) { try NamespaceHandle(path: "/nonexistent").inode }
        #expect(throws: SystemError.self) { try NamespaceHandle(process: 0).inode }
    }

    @Test func theInodeIsTheOneThatProcShows() throws {
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
        #expect(try NamespaceHandle(process: getpid()).inode == UInt64(link.dropFirst(5).dropLast()))
    }
}
