// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct DirectoryReaderTests {
    @Test func findsEveryEntryOnce() throws {
        let directory = try TemporaryDirectory()
        // More than one buffer holds.
        let names = (0..<3000).map { "\($0)" } + ["a1", "1a", ".hidden", "...", "99999999999999999999", "007"]
        for name in names { try directory.write("", to: name) }
        let descriptor = try FileDescriptor(open: directory.path, flags: O_DIRECTORY)
        var reader = DirectoryReader()
        var found: [String] = []
        var numbers: [UInt64] = []
        try reader.forEach(in: descriptor) { entry in
            found.append(entry.name)
            if let number = entry.number { numbers.append(number) }
        }
        #expect(found.sorted() == names.sorted())
        #expect(numbers.sorted() == ([7] + (0..<3000)).sorted())
    }

    @Test func ownSocketsAreFound() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        let directory = try FileDescriptor(open: "/proc/self/fd", flags: O_DIRECTORY)
        var reader = DirectoryReader()
        var found: Bool?
        try reader.forEach(in: directory) { entry in
            if entry.number == UInt64(descriptor) { found = entry.linkTarget(startsWith: "socket:") }
        }
        #expect(found == true)
        let target = try directory.readLink("\(descriptor)")
        #expect(target.hasPrefix("socket:["))
        let error = #expect(throws: SystemError.self) { try directory.readLink("no") }
        #expect(error?.isAbsence == true)
    }
}
