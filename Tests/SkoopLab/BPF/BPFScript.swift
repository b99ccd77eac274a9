// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A script in Python that loads a BPF program, written by hand, and keeps it until its input ends.
///
/// The product's own programs come from C and are loaded by its own library; a fault that is to be found by them must
/// depend on neither.
enum BPFScript {
    /// Starts a script and returns when it has written its first line.
    ///
    /// - Parameters:
    ///   - body: Python after what is common to all: `bpf`, `insn`, `load` and `until_told`.
    ///   - host: in whose namespace it runs; nil for the machine's.
    static func start(_ body: String, in host: LabHost? = nil, _ arguments: String...) throws -> GuardedProcess {
        let place = host.map { ["nsenter", "--net=\($0.path)", "--"] } ?? []
        let process = try GuardedProcess(place + ["python3", "-c", common + body] + arguments)
        guard let line = process.readLine(), line == "ready" else {
            throw LabError("a script with a BPF program did not start: \(arguments.joined(separator: " "))")
        }
        return process
    }

    /// Numbers of `linux/bpf.h`; `bpf` is a system call without a function in the C library.
    private static let common = """
        import ctypes, os, select, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        number = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
        def bpf(command, attributes):
            buffer = ctypes.create_string_buffer(attributes.ljust(144, b"\\0"), 144)
            result = libc.syscall(number, command, buffer, 144)
            if result < 0: raise OSError(ctypes.get_errno(), "bpf command %d" % command)
            return result, buffer.raw
        def insn(code, dst=0, src=0, off=0, imm=0): return struct.pack("<BBhi", code, src << 4 | dst, off, imm)
        def load(kind, code):
            text, licence = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b"GPL")
            return bpf(5, struct.pack(
                "<IIQQ", kind, len(code) // 8, ctypes.addressof(text), ctypes.addressof(licence)))[0]
        def until_told(seconds): return not select.select([0], [], [], seconds)[0]

        """
}
