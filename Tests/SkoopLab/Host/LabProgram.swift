// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting

/// A program that runs in a namespace of the lab and is killed when the value goes or the test dies.
public struct LabProgram: ~Copyable, Sendable {
    /// The program's process identifier.
    public let pid: Int32
    private let keeper: GuardedProcess

    // The program is a child of a shell that outlives the test by a moment, and kills it.
    private static let script = """
        output=$1; shift
        "$@" < /dev/null > "$output" & echo $!
        cat > /dev/null
        kill -9 $! 2> /dev/null; wait $! 2> /dev/null
        """

    /// Starts a program found by `PATH`, and returns when it runs.
    ///
    /// - Parameter output: the file to which its standard output goes.
    public init(_ command: [String], in host: LabHost, output: String = "/dev/null") throws {
        let keeper = try GuardedProcess(
            ["nsenter", "--net=\(host.path)", "--", "sh", "-c", Self.script, "sh", output] + command)
        guard let line = keeper.readLine(), let pid = Int32(line) else {
            throw LabError("no shell to start \(command.joined(separator: " "))")
        }
        // Until it becomes the program, it is a copy of the shell.
        guard eventually({ Self.commandLine(pid) != Self.commandLine(keeper.pid) }) else {
            throw LabError("\(command.joined(separator: " ")) did not start on the \(host.name)")
        }
        self.keeper = keeper
        self.pid = pid
    }

    private static func commandLine(_ pid: Int32) -> Data? {
        FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
    }
}
