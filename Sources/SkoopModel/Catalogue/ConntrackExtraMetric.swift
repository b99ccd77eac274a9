// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Counters of connection tracking that newer kernels have and KubeSkoop lacks.
public enum ConntrackExtraMetric: String, MetricSet {
    case clashResolve = "clash_resolve"
    case chainTooLong = "chain_too_long"

    public static let probe = "conntrack"
    public static let isExtension = true
    public static let summary = "races and overlong hash chains of connection tracking"

    public var definition: MetricDefinition {
        switch self {
        case .clashResolve:
            count(
                "packets that lost the race to insert their connection but were let through", "CLASH_RESOLVE",
                since: "5.10",
                rise:
                    "Equal connections are opened at the same moment, as with parallel DNS questions; the kernel resolves "
                    + "what would be insertfailed.")
        case .chainTooLong:
            count(
                "entries not inserted because their hash chain was too long", "CHAIN_TOOLONG", since: "5.15",
                rise:
                    "The hash table is far too small for the number of connections (nf_conntrack_buckets), or somebody "
                    + "provokes collisions.")
        }
    }

    private func count(_ help: String, _ attribute: String, since: String, rise: String) -> MetricDefinition {
        .counter(
            help, name: "skoop_conntrack_\(rawValue)_total",
            source: "CTA_STATS_\(attribute) of IPCTNL_MSG_CT_GET_STATS_CPU, summed over CPUs, Linux \(since)",
            rise: rise)
    }
}
