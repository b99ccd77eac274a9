// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Sockets and fragment memory of every network namespace: what `/proc/net/sockstat` and `sockstat6` have per namespace.
/// TCP's orphans, allocations and memory exist for the whole node only and belong to ``SockMetric``.
public enum SockstatMetric: String, MetricSet {
    case socketsUsed = "sockets_used"
    case tcpInuse = "tcp_inuse"
    case tcpTimeWait = "tcp_tw"
    case udpInuse = "udp_inuse"
    case udpliteInuse = "udplite_inuse"
    case rawInuse = "raw_inuse"
    case fragInuse = "frag_inuse"
    case fragMemory = "frag_memory_bytes"
    case tcp6Inuse = "tcp6_inuse"
    case udp6Inuse = "udp6_inuse"
    case udplite6Inuse = "udplite6_inuse"
    case raw6Inuse = "raw6_inuse"
    case frag6Inuse = "frag6_inuse"
    case frag6Memory = "frag6_memory_bytes"

    public static let probe = "sockstat"
    public static let summary = "sockets and fragment memory of every network namespace"

    public var definition: MetricDefinition {
        switch self {
        case .socketsUsed:
            level(
                "sockets of every family in the namespace", "sockstat sockets: used",
                rise: "Sockets accumulate: more connections, or a process that leaks them.")
        case .tcpInuse: inuse("TCP sockets over IPv4, without those in TIME_WAIT", "sockstat TCP:", rise: Self.tcpRise)
        case .tcpTimeWait:
            level(
                "TCP sockets in TIME_WAIT, both IP versions", "sockstat TCP: tw",
                rise: "Many short connections were closed by this side; ports may run out towards one peer.")
        case .udpInuse: inuse("UDP sockets over IPv4 bound to a port", "sockstat UDP:", rise: Self.udpRise)
        case .udpliteInuse: inuse("UDP-Lite sockets over IPv4 bound to a port", "sockstat UDPLITE:", rise: Self.udpRise)
        case .rawInuse: inuse("raw IPv4 sockets", "sockstat RAW:", rise: Self.rawRise)
        case .fragInuse:
            inuse("IPv4 packets whose fragments are still incomplete", "sockstat FRAG:", rise: Self.fragRise)
        case .fragMemory:
            level(
                "bytes of memory that IPv4 fragments wait in", "sockstat FRAG: memory", unit: .bytes,
                rise: "Fragments wait for their missing parts; at net.ipv4.ipfrag_high_thresh new ones are dropped.")
        case .tcp6Inuse:
            inuse("TCP sockets over IPv6, without those in TIME_WAIT", "sockstat6 TCP6:", rise: Self.tcpRise)
        case .udp6Inuse: inuse("UDP sockets over IPv6 bound to a port", "sockstat6 UDP6:", rise: Self.udpRise)
        case .udplite6Inuse:
            inuse("UDP-Lite sockets over IPv6 bound to a port", "sockstat6 UDPLITE6:", rise: Self.udpRise)
        case .raw6Inuse: inuse("raw IPv6 sockets", "sockstat6 RAW6:", rise: Self.rawRise)
        case .frag6Inuse:
            inuse("IPv6 packets whose fragments are still incomplete", "sockstat6 FRAG6:", rise: Self.fragRise)
        case .frag6Memory:
            level(
                "bytes of memory that IPv6 fragments wait in", "sockstat6 FRAG6: memory", unit: .bytes,
                rise: "Fragments wait for their missing parts; at net.ipv6.ip6frag_high_thresh new ones are dropped.")
        }
    }

    private static let tcpRise = "More connections or listeners: more load, or a process that leaks sockets."
    private static let udpRise =
        "More open UDP sockets, with DNS clients as many as there are questions without an answer."
    private static let rawRise = "A tool such as ping or a routing daemon has opened raw sockets."
    private static let fragRise = "Fragments get lost on the path, or peers send packets larger than its MTU."

    private func inuse(_ help: String, _ line: String, rise: String) -> MetricDefinition {
        level(help, "\(line) inuse", rise: rise)
    }

    private func level(_ help: String, _ place: String, unit: Metric.Unit = .none, rise: String) -> MetricDefinition {
        .gauge(help, name: "skoop_sockstat_\(rawValue)", unit: unit, source: "/proc/net/\(place)", rise: rise)
    }
}
