// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf

/// The kind of a program, `enum bpf_prog_type` of `include/uapi/linux/bpf.h`.
public enum BPFProgramKind: UInt32, Sendable, Hashable, CaseIterable {
    /// `SEC("socket")`: a filter on a socket.
    case socketFilter = 1
    /// `SEC("kprobe")`, also kretprobe, uprobe and uretprobe.
    case kprobe = 2
    /// `SEC("tc")`: packets in traffic control.
    case tc = 3
    /// `SEC("tp")`.
    case tracepoint = 5
    /// `SEC("xdp")`.
    case xdp = 6
    /// `SEC("perf_event")`.
    case perfEvent = 7
    /// `SEC("cgroup_skb/…")`.
    case cgroupPackets = 8
    /// `SEC("cgroup/sock…")`.
    case cgroupSocket = 9
    /// `SEC("sockops")`.
    case socketOperations = 13
    /// `SEC("raw_tp")`.
    case rawTracepoint = 17
    /// `SEC("cgroup/connect4")` and its like.
    case cgroupSocketAddress = 18
    /// `SEC("cgroup/sysctl")`.
    case cgroupSysctl = 23
    /// `SEC("tp_btf")`, `SEC("fentry")`, `SEC("fexit")`, `SEC("iter")`.
    case tracing = 26
    /// `SEC("lsm")`.
    case lsm = 29
    /// `SEC("sk_lookup")`.
    case socketLookup = 30
    /// `SEC("syscall")`.
    case syscall = 31
    /// `SEC("netfilter")`.
    case netfilter = 32

    /// The first kernel that has it.
    public var since: KernelVersion {
        switch self {
        case .socketFilter: KernelVersion(3, 19)
        case .kprobe, .tc: KernelVersion(4, 1)
        case .tracepoint: KernelVersion(4, 7)
        case .xdp: KernelVersion(4, 8)
        case .perfEvent: KernelVersion(4, 9)
        case .cgroupPackets, .cgroupSocket: KernelVersion(4, 10)
        case .socketOperations: KernelVersion(4, 13)
        case .rawTracepoint, .cgroupSocketAddress: KernelVersion(4, 17)
        case .cgroupSysctl: KernelVersion(5, 2)
        case .tracing: KernelVersion(5, 5)
        case .lsm: KernelVersion(5, 7)
        case .socketLookup: KernelVersion(5, 9)
        case .syscall: KernelVersion(5, 14)
        case .netfilter: KernelVersion(6, 4)
        }
    }

    /// The attach type without which the kernel refuses even an empty program.
    var trialAttachType: bpf_attach_type {
        switch self {
        case .cgroupSocketAddress: BPF_CGROUP_INET4_CONNECT
        case .cgroupSysctl: BPF_CGROUP_SYSCTL
        case .tracing: BPF_TRACE_RAW_TP
        case .lsm: BPF_LSM_MAC
        case .socketLookup: BPF_SK_LOOKUP
        case .netfilter: bpf_attach_type(rawValue: 45)  // BPF_NETFILTER, which libbpf 1.1 does not name
        default: bpf_attach_type(rawValue: 0)
        }
    }

    /// A place that every kernel has, for the kinds that are verified against one.
    var trialTarget: (kind: BTFKind, name: String)? {
        switch self {
        case .tracing: (.typedef, "btf_trace_sched_switch")
        case .lsm: (.function, "bpf_lsm_file_open")
        default: nil
        }
    }
}
