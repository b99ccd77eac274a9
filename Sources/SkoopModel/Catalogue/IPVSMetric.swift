// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Connections and traffic of IPVS, all virtual services of the node together: `/proc/net/ip_vs_stats`.
public enum IPVSMetric: String, MetricSet {
    case connections, incomingpackets, outgoingpackets, incomingbytes, outgoingbytes

    public static let probe = "ipvs"
    public static let summary = "connections and traffic of the node's IPVS load balancing"

    public var definition: MetricDefinition {
        switch self {
        case .connections:
            count("connections that IPVS scheduled", "conns", rise: "More new connections to services on this node.")
        case .incomingpackets: count("packets from clients to services", "inpkts", rise: "Traffic to services.")
        case .outgoingpackets:
            count(
                "packets from services to clients, where they pass IPVS", "outpkts",
                rise: "Traffic from services. With direct routing or tunnels replies take another way and it stays 0.")
        case .incomingbytes:
            count("bytes from clients to services", "inbytes", unit: .bytes, rise: "Traffic to services.")
        case .outgoingbytes:
            count(
                "bytes from services to clients, where they pass IPVS", "outbytes", unit: .bytes,
                rise: "Traffic from services. With direct routing or tunnels replies take another way and it stays 0.")
        }
    }

    private func count(_ help: String, _ field: String, unit: Metric.Unit = .none, rise: String) -> MetricDefinition {
        .counter(help, unit: unit, source: "/proc/net/ip_vs_stats, line of totals (ip_vs_kstats.\(field))", rise: rise)
    }
}
