// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopTesting

/// A program that runs in a namespace of the lab and is killed when the value goes or the test dies.
public struct LabProgram: ~Copyable, Sendable {
    /// The program's process identifier.
    public let pid: Int32
    private let keeper: GuardedProcess

    // The program is a child of a shell that outlives the test by a moment, and kills it.
    private static let script = """
        door=$1 output=$2; shift 2
        nsenter --net="$door" -- "$@" < /dev/null > "$output" & echo $!
        cat > /dev/null
        kill -9 $! 2> /dev/null; wait $! 2> /dev/null
        """

    /// Starts a program found by `PATH`.
    ///
    /// - Parameter output: the file to which its standard output goes.
    public init(_ command: [String], in host: LabHost, output: String = "/dev/null") throws {
        let keeper = try GuardedProcess(["sh", "-c", Self.script, "sh", host.path, output] + command)
        guard let line = keeper.readLine(), let pid = Int32(line) else {
            throw LabError("no shell to start \(command.joined(separator: " "))")
        }
        let inode = host.inode
        let isThere = eventually {
            var status = stat()
            // Entered, and nsenter has become the program.
            return stat("/proc/\(pid)/ns/net", &status) == 0 && UInt64(status.st_ino) == inode
                && !Self.isHelper(pid)
        }
        guard isThere else { throw LabError("\(command.joined(separator: " ")) did not enter the \(host.name)") }
        self.keeper = keeper
        self.pid = pid
    }

    private static func isHelper(_ pid: Int32) -> Bool {
        guard let file = fopen("/proc/\(pid)/comm", "r") else { return false }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 64)
        guard fgets(&text, CInt(text.count), file) != nil else { return false }
        let comm = text.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:))
        return ["nsenter", "sh"].contains(String(decoding: comm, as: UTF8.self))
    }
}
