// SPDX-License-Identifier: Apache-2.0

/// Where in the kernel a program runs. The kind of program (its `SEC(…)`) must fit.
public enum Hook: Sendable, Hashable, CustomStringConvertible {
    /// Which way packets go past a network device.
    public enum Direction: Sendable, Hashable {
        /// Received packets.
        case ingress
        /// Packets to be sent.
        case egress
    }

    /// `SEC("tp_btf")`: a tracepoint with typed arguments, since 5.5 and with the kernel's BTF.
    case btfTracepoint(String)
    /// `SEC("raw_tp")`: a tracepoint with untyped arguments, since 4.17.
    case rawTracepoint(String)
    /// `SEC("tp")`: a tracepoint with its stable record, since 4.7; tracefs must be mounted before 5.2.
    case tracepoint(category: String, name: String)
    /// `SEC("fentry")`: the entry of a kernel function with typed arguments, since 5.5 (arm64: 6.0).
    case fentry(String)
    /// `SEC("fexit")`: the return of a kernel function with typed arguments, since 5.5 (arm64: 6.0).
    case fexit(String)
    /// `SEC("kprobe")`: the entry of a kernel function, since 4.1 with `CONFIG_KPROBES`.
    case kprobe(String)
    /// `SEC("kretprobe")`: the return of a kernel function, since 4.1 with `CONFIG_KPROBES`.
    case kretprobe(String)
    /// `SEC("uprobe")`: a function of an executable or library, in one process, or in all if `process` is nil.
    case uprobe(file: String, function: String, process: Int32? = nil)
    /// `SEC("uretprobe")`: the return of such a function.
    case uretprobe(file: String, function: String, process: Int32? = nil)
    /// `SEC("lsm")`: a security hook, since 5.7 where the boot parameter `lsm=` names bpf.
    case lsm(String)
    /// `SEC("cgroup…")`: sockets or packets of a control group (v2, a directory), by the program's attach type.
    case cgroup(String)
    /// `SEC("sk_lookup")` or `SEC("flow_dissector")`: a network namespace, given by a file such as `/proc/1/ns/net`.
    case networkNamespace(String)
    /// `SEC("netfilter")`: packets in the IP layer of the network namespace that the attaching thread is in, since 6.4. The
    /// link keeps that namespace alive.
    case netfilter(NetfilterPlace)
    /// `SEC("tc")`: packets of a network device (its index) in the traffic control layer: tcx since 6.6, before that
    /// a clsact filter.
    case trafficControl(interface: Int, Direction)
    /// `SEC("xdp")`: received packets of a network device (its index) before anything else, since 4.8, links 5.9.
    case xdp(interface: Int)
    /// `SEC("perf_event")`: a descriptor of `perf_event_open`, which the link owns once attached.
    case perfEvent(fileDescriptor: Int32)

    /// Kind and place, as in `fentry/tcp_connect`.
    public var description: String {
        switch self {
        case .btfTracepoint(let name): "tp_btf/\(name)"
        case .rawTracepoint(let name): "raw_tp/\(name)"
        case .tracepoint(let category, let name): "tp/\(category)/\(name)"
        case .fentry(let function): "fentry/\(function)"
        case .fexit(let function): "fexit/\(function)"
        case .kprobe(let function): "kprobe/\(function)"
        case .kretprobe(let function): "kretprobe/\(function)"
        case .uprobe(let file, let function, _): "uprobe/\(file):\(function)"
        case .uretprobe(let file, let function, _): "uretprobe/\(file):\(function)"
        case .lsm(let name): "lsm/\(name)"
        case .cgroup(let path): "cgroup/\(path)"
        case .networkNamespace(let path): "netns/\(path)"
        case .netfilter(let place): "netfilter/\(place)"
        case .trafficControl(let interface, let direction): "tc/\(interface)/\(direction)"
        case .xdp(let interface): "xdp/\(interface)"
        case .perfEvent(let descriptor): "perf_event/\(descriptor)"
        }
    }

    /// What libbpf must know before loading: programs of these kinds are verified against the types of their place.
    var loadTarget: String? {
        switch self {
        case .btfTracepoint(let name), .fentry(let name), .fexit(let name), .lsm(let name): name
        default: nil
        }
    }
}
