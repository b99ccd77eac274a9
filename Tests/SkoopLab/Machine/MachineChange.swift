// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A change to the whole machine, undone when the value goes or this process dies, however it dies.
///
/// A shell makes the change and says so, waits for the end of its input, which only this process can write, and then
/// undoes it: the same way after a test and after a crash. Only who kills the shell itself keeps the change.
final class MachineChange: Sendable {
    /// The line that the shell wrote when the change was made.
    let answer: String
    private let shell: GuardedProcess

    /// Makes a change.
    ///
    /// - Parameters:
    ///   - making: shell commands; the first that fails ends them. The last prints one line.
    ///   - undoing: shell commands, which must bear that not all was made.
    ///   - arguments: `$1` and so on of both.
    init(making: String, undoing: String, _ arguments: String...) throws {
        let script = """
            trap '' INT TERM HUP
            undo() {
            \(undoing)
            }
            # Not in a condition: there, "set -e" would mean nothing. In undoing, what fails must not end it.
            trap 'test $? = 0 || echo failed; set +e; undo "$@" 2> /dev/null' EXIT
            set -e
            \(making)
            cat > /dev/null
            """
        shell = try GuardedProcess(["sh", "-c", script, "sh"] + arguments)
        guard let answer = shell.readLine(), answer != "failed" else {
            throw LabError("could not be made: \(making) with \(arguments.joined(separator: " "))")
        }
        self.answer = answer
    }
}
