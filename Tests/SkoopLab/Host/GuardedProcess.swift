// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc
import SkoopSystem

/// A child process that ends when its standard input does: at the latest when this process dies, however it dies.
///
/// Only this process holds the other end of the pipe, so that not even `kill -9` leaves a child behind. The end of the
/// input is no signal: what the child does then, putting a setting back for example, is not cut short.
final class GuardedProcess: Sendable {
    /// The process identifier.
    let pid: pid_t
    private let input: CInt
    private let output: CInt

    /// Starts a program found by `PATH`, in the calling thread's namespaces and in a session of its own.
    init(_ command: [String]) throws(SystemError) {
        var pipes: [CInt] = [-1, -1, -1, -1]
        defer { for pipe in pipes where pipe >= 0 { close(pipe) } }
        guard pipe2(&pipes, CInt(O_CLOEXEC)) == 0 else { throw SystemError(lastOf: "pipe2") }
        var second: [CInt] = [-1, -1]
        guard pipe2(&second, CInt(O_CLOEXEC)) == 0 else { throw SystemError(lastOf: "pipe2") }
        pipes[2...] = second[...]

        // What cleans up after the test must survive the Ctrl-C that ends it.
        pid = try spawn(command, input: pipes[0], output: pipes[3], inNewSession: true)
        input = pipes[1]
        output = pipes[2]
        pipes[1] = -1
        pipes[2] = -1
    }

    /// The next line the child writes, without its end; `nil` when it writes no more.
    func readLine() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(output, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    /// Ends the input and waits until the child has ended.
    deinit {
        close(input)
        waitForEnd(of: pid)
        close(output)
    }
}
