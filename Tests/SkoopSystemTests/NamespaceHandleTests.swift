// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import Testing

@Suite struct NamespaceHandleTests {
    @Test func aFileThatIsNoNamespaceIsRefused() {
        #expect(throws: SystemError.self) { try NamespaceHandle(path: "/proc/self/status") }
        #expect(throws: SystemError.self) { try NamespaceHandle(path: "/proc/self/ns/mnt") }
        #expect(throws: SystemError.self) { try NamespaceHandle(path: "/nonexistent") }
        #expect(throws: SystemError.self) { try NamespaceHandle(process: 0) }
    }

    @Test func theInodeIsTheOneThatProcShows() throws {
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
        #expect(try NamespaceHandle(process: getpid()).inode == UInt64(link.dropFirst(5).dropLast()))
    }
}
