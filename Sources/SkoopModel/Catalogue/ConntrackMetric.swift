// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Connection tracking of every network namespace; KubeSkoop has the node's only.
public enum ConntrackMetric: String, MetricSet {
    case found, invalid, ignore, insert, insertfailed, drop, earlydrop, error, searchrestart, entries, maxentries

    public static let probe = "conntrack"
    public static let summary = "connection tracking table, its errors and drops in every network namespace"

    public var definition: MetricDefinition {
        switch self {
        case .found:
            count(
                "candidate addresses and ports that address translation found taken", "FOUND",
                rise:
                    "Source NAT has trouble to find free ports: many connections to one destination share few addresses."
            )
        case .invalid:
            count(
                "packets that belong to no connection and cannot begin one", "INVALID",
                rise:
                    "Packets arrive late, out of window or one-way (asymmetric routing). Rules that drop the state INVALID "
                    + "break such connections.")
        case .ignore:
            count(
                "packets not tracked because they were tracked already or need no tracking; none are counted from Linux 5.10 on",
                "IGNORE", rise: "Harmless.")
        case .insert:
            count(
                "entries inserted by user space, on Linux before 4.9 also by packets", "INSERT",
                rise: "A tool such as conntrackd replicates connections into the table.")
        case .insertfailed:
            count(
                "entries that could not be inserted, mostly because another packet had inserted the same connection first",
                "INSERT_FAILED",
                rise:
                    "Packets are dropped by a race between equal connections, typically two DNS questions sent at once "
                    + "from one socket, or by hash chains grown too long.")
        case .drop:
            count(
                "packets dropped by connection tracking: table full, no memory, refused by the protocol, or lost in a race",
                "DROP",
                rise:
                    "New connections fail. If entries is near maxentries the table is full; otherwise look at insertfailed."
            )
        case .earlydrop:
            count(
                "unreplied or closing entries evicted to make room for new ones", "EARLY_DROP",
                rise:
                    "The table is full and its least certain entries are sacrificed: raise net.netfilter.nf_conntrack_max."
            )
        case .error:
            count(
                "packets whose protocol data was malformed, mostly ICMP errors with a wrong inner packet", "ERROR",
                rise: "Damaged or forged packets arrive, or a path rewrites them wrongly.")
        case .searchrestart:
            count(
                "lookups begun again because the table changed meanwhile", "SEARCH_RESTART",
                rise: "The table is being resized or is under heavy change. Costs CPU, loses nothing.")
        case .entries:
            .gauge(
                "connections tracked now", source: "CTA_STATS_GLOBAL_ENTRIES (nf_conntrack_net.count)",
                rise: "More connections, or connections whose end is never seen. At maxentries new ones are dropped.")
        case .maxentries:
            .gauge(
                "connections that may be tracked at most",
                source: "CTA_STATS_GLOBAL_MAX_ENTRIES (net.netfilter.nf_conntrack_max)",
                rise: "The limit was changed. It holds for each namespace, and is set by the node for all.")
        }
    }

    private func count(_ help: String, _ attribute: String, rise: String) -> MetricDefinition {
        .counter(
            help,
            source:
                "CTA_STATS_\(attribute) of IPCTNL_MSG_CT_GET_STATS_CPU, summed over CPUs (struct ip_conntrack_stat)",
            rise: rise)
    }
}
