// SPDX-License-Identifier: Apache-2.0

/// A CPU that is kept in the kernel with softirqs off, now and then, as by a driver or a hypervisor: what interrupts bring
/// in that time is received late. Ends when the value goes or this process dies.
///
/// A test run of a BPF program that copies memory: the kernel lets no softirq in during one run (`net/bpf/test_run.c`).
public final class KeptCPU: Sendable {
    private let process: GuardedProcess

    /// Begins to keep a CPU.
    ///
    /// - Parameters:
    ///   - cpu: its number.
    ///   - busy: for about how long at once; up to a second.
    ///   - idle: how long it is left alone between.
    public init(_ cpu: Int, for busy: Duration, every idle: Duration) throws {
        process = try BPFScript.start(
            Self.script, "\(cpu)", "\(busy / .nanoseconds(1))", "\(idle / .seconds(1))")
    }

    private static let script = """
        cpu, busy, idle, size = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), 1 << 20
        os.sched_setaffinity(0, {cpu})
        values = bpf(0, struct.pack("<IIII", 2, 4, size, 1))[0]
        def copying(times):
            return load(1, b"".join([
                insn(0x62, 10, 0, -4), insn(0x18, 1, 1, 0, values), insn(0), insn(0xbf, 2, 10), insn(0x07, 2, 0, 0, -4),
                insn(0x85, imm=1), insn(0x55, 0, 0, 2), insn(0xb7), insn(0x95), insn(0xbf, 6, 0), insn(0xb7, 7, imm=times),
                insn(0xbf, 1, 6), insn(0xb7, 2, imm=size), insn(0xbf, 3, 6), insn(0x85, imm=113), insn(0x07, 7, imm=-1),
                insn(0x55, 7, 0, -6), insn(0xb7), insn(0x95)]))
        data = ctypes.create_string_buffer(64)
        def run(program):
            answer = bpf(10, struct.pack("<IIIIQQII", program, 0, 64, 0, ctypes.addressof(data), 0, 1, 0))[1]
            return struct.unpack_from("<I", answer, 36)[0]
        short = copying(10)
        program = copying(max(1, int(busy * 10 / min(run(short) for _ in range(5)))))
        print("ready", flush=True)
        while until_told(idle): run(program)
        """
}
