// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem
import SkoopTesting

/// Starts a program found by `PATH`, in the calling thread's namespaces and without a thread of anybody's.
///
/// - Parameters:
///   - input: becomes its standard input.
///   - output: becomes its standard output.
///   - errors: becomes its standard error.
///   - inNewSession: whether a terminal's Ctrl-C does not reach it.
func spawn(
    _ command: [String], input: CInt, output: CInt, errors: CInt = 2, inNewSession: Bool = false
) throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | (inNewSession ? newSession : 0))
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, command[0], &actions, &attributes, &words, environ)
    guard code == 0 else { throw SystemError("posix_spawnp", command[0], errno: code) }
    return child
}

/// Waits for the end of a child of this process.
///
/// - Returns: its exit status, or 128 and the signal that ended it.
@discardableResult
func waitForEnd(of pid: pid_t) -> CInt {
    var status: CInt = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7f
    return signal == 0 ? status >> 8 & 0xff : 128 + signal
}

/// `POSIX_SPAWN_SETSID` of `spawn.h`, which the C library declares only under `_GNU_SOURCE`.
private let newSession: Int16 = 0x80

extension LabHost {
    /// Runs a program in the namespace and returns its output.
    ///
    /// - Parameter input: what it reads from standard input.
    /// - Throws: `CommandError` when it does not exit with 0.
    @discardableResult
    public func run(_ command: String..., input: String = "") throws -> String { try run(command, input: input) }

    /// Runs a program in the namespace, its words in an array.
    @discardableResult
    public func run(_ command: [String], input: String = "") throws -> String {
        // Files, not pipes: no pipe's buffer can fill and block either side.
        let (input, output, errors) = try (ScratchFile(input), ScratchFile(), ScratchFile())
        let pid = try inside { () throws(SystemError) in
            try spawn(command, input: input.number, output: output.number, errors: errors.number)
        }
        let status = waitForEnd(of: pid)
        guard status == 0 else { throw CommandError(command: command, status: status, errors: errors.text) }
        return output.text
    }
}

/// A file without a name.
private final class ScratchFile {
    private let file: UnsafeMutablePointer<FILE>

    init(_ content: String = "") throws(SystemError) {
        guard let file = tmpfile() else { throw SystemError(lastOf: "tmpfile") }
        self.file = file
        fputs(content, file)
        rewind(file)
    }

    var number: CInt { fileno(file) }

    var text: String {
        rewind(file)
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&block, 1, block.count, file), count > 0 { text += block[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    deinit { fclose(file) }
}
