// SPDX-License-Identifier: Apache-2.0

/// A BPF program on the device of one of the lab's hosts that drops some TCP segments, as a network policy would; gone when
/// the value goes or this process dies. Kernel 6.6 (`BPF_TCX_INGRESS`, `BPF_TCX_EGRESS`).
public final class PacketProgram: Sendable {
    /// What passes it, with the numbers of `linux/bpf.h`.
    public enum Hook: Int, Sendable, Hashable, CaseIterable {
        /// What the device has received.
        case ingress = 46
        /// What the device is to send.
        case egress = 47
    }

    private let process: GuardedProcess

    /// Begins to drop.
    ///
    /// - Parameters:
    ///   - port: which segments, by their port.
    ///   - isSource: whether it is the port that they come from.
    public init(
        on host: LabHost, device: String = "eth0", _ hook: Hook, dropping port: Endpoint, isSource: Bool = false
    ) throws {
        process = try BPFScript.start(
            Self.script, in: host, device, port.family == .v4 ? "v4" : "v6", "\(port.port)", isSource ? "0" : "2",
            "\(hook.rawValue)")
    }

    private static let script = """
        import socket
        device, version, (port, offset, hook) = socket.if_nametoindex(sys.argv[1]), sys.argv[2], map(int, sys.argv[3:])
        # In a frame, with headers that have no options.
        protocol_at, ports_at = {"v4": (14 + 9, 14 + 20), "v6": (14 + 6, 14 + 40)}[version]
        program = load(3, b"".join([
            insn(0xbf, 6, 1), insn(0x30, imm=protocol_at), insn(0x55, 0, 0, 4, 6), insn(0x28, imm=ports_at + offset),
            insn(0x55, 0, 0, 2, port), insn(0xb7, imm=2), insn(0x95), insn(0xb7), insn(0x95)]))
        link = bpf(28, struct.pack("<IIII", program, device, hook, 0))[0]
        print("ready", flush=True)
        while until_told(None): pass
        """
}
