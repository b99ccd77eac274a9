// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct TestSupportTests {
    @Test func namespacesComeAndGo() throws {
        var name = ""
        do {
            let namespace = try TestNamespace()
            name = namespace.name
            let sleeper = try namespace.start("sleep", "1000")
            let (pid, inode) = (sleeper.pid, namespace.inode)
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net") == "net:[\(inode)]")
            let output = try namespace.run("ip", "-br", "link")
            #expect(output.hasPrefix("lo"))
            let echoed = try namespace.run("cat", input: "in")
            #expect(echoed == "in")
        }
        #expect(!FileManager.default.fileExists(atPath: "/run/netns/" + name))
    }

    @Test func leftoversOfDeadRunsAreSwept() throws {
        // No process can have this number: it is above the kernel's limit. No other run has it either.
        let leftover = "skoop-test-\(5_000_000 + getpid())-1"
        try run("ip", "netns", "add", leftover)
        TestNamespace.sweepLeftovers()
        #expect(!FileManager.default.fileExists(atPath: "/run/netns/" + leftover))
    }

    @Test func failuresCarryTheReason() throws {
        let error = #expect(throws: CommandError.self) { try run("ls", "/nonexistent") }
        #expect(error?.status == 2)
        #expect(error?.errors.contains("/nonexistent") == true)
    }
}
