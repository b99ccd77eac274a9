// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF

/// Where the kernellatency programs watch packets between their entry and their exit.
enum KernelLatencyHooks: Sendable {
    /// At functions of the IP layer, in all namespaces at once.
    case functions
    /// Within netfilter's hooks, in each namespace; with the reason why not at functions.
    case netfilter(because: String)

    /// The begin of receiving, the end of sending, and what was dropped between: the same for both.
    static let tracepoints: [AttachedProgram.Need] = [
        .init(tracepoint: "netif_receive_skb", "on_receive"), .init(tracepoint: "net_dev_queue", "on_queue"),
        .init(tracepoint: "kfree_skb", "on_drop"),
    ]

    /// Without these there is nothing to see of IPv4.
    private static let essential = ["ip_local_deliver", "ip_protocol_deliver_rcu", "__ip_local_out", "ip_output"]

    static let calls: [AttachedProgram.Need] =
        (essential + ["ip_forward", "__ip_queue_xmit"]).map { .init(function: $0) } + [
            .init(function: "ip_route_input_noref", orElse: "PREROUTING includes ROUTE"),
            .init(function: "ip_finish_output2", orElse: "POSTROUTING includes NEIGHBOUR"),
            .init(function: "ip6_route_input", orElse: "PREROUTING includes ROUTE of IPv6"),
            .init(function: "ip6_finish_output2", orElse: "POSTROUTING includes NEIGHBOUR of IPv6"),
        ]
        + [
            "ip6_input", "ip6_protocol_deliver_rcu", "ip6_forward", "ip6_xmit", "__ip6_local_out", "ip6_output",
        ].map { .init(function: $0, orElse: "IPv6 is not seen at \($0)") }

    /// The programs within netfilter's hooks: first or last of all that is called there.
    static let points: [(program: BPFProgramName, point: NetfilterPlace.Point, isFirst: Bool)] = [
        ("last_prerouting", .prerouting, false), ("first_local_in", .localIn, true), ("last_local_in", .localIn, false),
        ("first_forward", .forward, true), ("first_local_out", .localOut, true),
        ("first_postrouting", .postrouting, true), ("last_postrouting", .postrouting, false),
    ]

    /// What the running kernel offers: functions, unless the environment would rather avoid them.
    ///
    /// - Throws: `unsupportedKernel` where it is neither.
    static func choose(_ environment: ProbeEnvironment) throws(ProbeError) -> KernelLatencyHooks {
        let obstacle = essential.lazy.compactMap(hindrance).first
        let isAvoided = environment.avoidedHooks.isSuperset(of: ["fentry", "kprobe"])
        if obstacle == nil, !isAvoided { return .functions }
        guard let other = Hook.netfilter(NetfilterPlace(.ipv4, .prerouting, priority: 0)).hindrance else {
            return .netfilter(because: obstacle ?? "at functions: to be avoided")
        }
        guard let obstacle else { return .functions }
        throw ProbeError(.unsupportedKernel, "neither at functions: \(obstacle); nor in netfilter's hooks: \(other)")
    }

    private static func hindrance(of function: String) -> String? {
        guard let entry = Hook.fentry(function).hindrance, let probe = Hook.kprobe(function).hindrance else {
            return nil
        }
        return "\(Hook.fentry(function)): \(entry), \(Hook.kprobe(function)): \(probe)"
    }

    /// What is attached at once.
    var needs: [AttachedProgram.Need] {
        switch self {
        case .functions: Self.tracepoints + Self.calls
        case .netfilter: Self.tracepoints
        }
    }

    /// Leaves out the programs of what was not chosen.
    func disableOthers(_ object: inout BPFObject) throws(BPFError) {
        switch self {
        case .functions: for point in Self.points { try object.disable(point.program) }
        case .netfilter:
            for name in object.programNames where name.hasPrefix("at_") { try object.disable(BPFProgramName(name)) }
        }
    }
}

extension AttachedProgram.Need {
    /// The entry of a kernel function, by a program called `at_<function>` at fentry or `at_<function>_kprobe` at a kprobe.
    init(function: String, orElse loss: String? = nil) {
        self.init(
            [
                BPFAttachment(BPFProgramName("at_\(function)"), to: .fentry(function)),
                BPFAttachment(BPFProgramName("at_\(function)_kprobe"), to: .kprobe(function)),
            ], orElse: loss)
    }
}
