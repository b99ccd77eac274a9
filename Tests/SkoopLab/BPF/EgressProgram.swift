// SPDX-License-Identifier: Apache-2.0

/// A BPF program on the device of one of the lab's hosts that drops the TCP segments to a port, as a network policy
/// would; gone when the value goes or this process dies. Kernel 6.6 (`BPF_TCX_EGRESS`).
public final class EgressProgram: Sendable {
    private let process: GuardedProcess

    /// Begins to drop what is sent to a port.
    public init(on host: LabHost, device: String = "eth0", droppingTo target: Endpoint) throws {
        process = try BPFScript.start(
            Self.script, in: host, device, target.family == .v4 ? "v4" : "v6", "\(target.port)")
    }

    private static let script = """
        import socket
        device, port = socket.if_nametoindex(sys.argv[1]), int(sys.argv[3])
        # In a frame, with headers that have no options.
        protocol_at, port_at = {"v4": (14 + 9, 14 + 20 + 2), "v6": (14 + 6, 14 + 40 + 2)}[sys.argv[2]]
        program = load(3, b"".join([
            insn(0xbf, 6, 1), insn(0x30, imm=protocol_at), insn(0x55, 0, 0, 4, 6), insn(0x28, imm=port_at),
            insn(0x55, 0, 0, 2, port), insn(0xb7, imm=2), insn(0x95), insn(0xb7), insn(0x95)]))
        link = bpf(28, struct.pack("<IIII", program, device, 47, 0))[0]
        print("ready", flush=True)
        while until_told(None): pass
        """
}
