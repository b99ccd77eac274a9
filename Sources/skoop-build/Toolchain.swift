// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The Swift toolchain's own clang and llvm-objcopy.
struct Toolchain {
    var objcopy: String
    var clang: String
    var options: [String]

    /// Compiles an eBPF program. DWARF goes, BTF and its relocations stay: a tenth of the size.
    func compile(_ source: String, to object: String) {
        run([clang] + options + ["-c", source, "-o", object])
        run([objcopy, "--strip-debug", object])
    }

    /// Runs a tool whose messages go to the user, and ends the build step if it fails.
    private func run(_ command: [String]) {
        var arguments = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, command[0], nil, nil, &arguments, environ)
        guard error == 0 else { fail("cannot run \(command[0]): \(String(cString: strerror(error)))") }
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        // A tool that failed has said why.
        guard status == 0 else { exit(1) }
    }
}
