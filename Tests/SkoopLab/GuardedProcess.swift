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

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes[0], 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[3], 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A terminal's Ctrl-C is for the test, and what cleans up after the test must survive it.
        posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)

        var words = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, command[0], &actions, &attributes, &words, environ)
        guard code == 0 else { throw SystemError("posix_spawnp", command[0], errno: code) }
        pid = child
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
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        close(output)
    }
}

/// `POSIX_SPAWN_SETSID` of `spawn.h`, which the C library declares only under `_GNU_SOURCE`.
private let newSession: Int16 = 0x80
