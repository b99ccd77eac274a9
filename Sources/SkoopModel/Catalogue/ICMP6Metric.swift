// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// ICMP over IPv6, per network namespace: the named `Icmp6…` lines of `/proc/net/snmp6`. For IPv4 see ``ICMPMetric``.
public enum ICMP6Metric: String, MetricSet {
    case inMsgs = "in_msgs"
    case inErrors = "in_errors"
    case outMsgs = "out_msgs"
    case outErrors = "out_errors"
    case inCsumErrors = "in_csum_errors"
    case outRateLimitHost = "out_rate_limit_host"
    case inDestUnreachs = "in_dest_unreachs"
    case inPktTooBigs = "in_pkt_too_bigs"
    case inTimeExcds = "in_time_excds"
    case inParmProblems = "in_parm_problems"
    case inEchos = "in_echos"
    case inEchoReplies = "in_echo_replies"
    case inGroupMembQueries = "in_group_memb_queries"
    case inGroupMembResponses = "in_group_memb_responses"
    case inGroupMembReductions = "in_group_memb_reductions"
    case inRouterSolicits = "in_router_solicits"
    case inRouterAdvertisements = "in_router_advertisements"
    case inNeighborSolicits = "in_neighbor_solicits"
    case inNeighborAdvertisements = "in_neighbor_advertisements"
    case inRedirects = "in_redirects"
    case inMLDv2Reports = "in_mldv2_reports"
    case outDestUnreachs = "out_dest_unreachs"
    case outPktTooBigs = "out_pkt_too_bigs"
    case outTimeExcds = "out_time_excds"
    case outParmProblems = "out_parm_problems"
    case outEchos = "out_echos"
    case outEchoReplies = "out_echo_replies"
    case outGroupMembQueries = "out_group_memb_queries"
    case outGroupMembResponses = "out_group_memb_responses"
    case outGroupMembReductions = "out_group_memb_reductions"
    case outRouterSolicits = "out_router_solicits"
    case outRouterAdvertisements = "out_router_advertisements"
    case outNeighborSolicits = "out_neighbor_solicits"
    case outNeighborAdvertisements = "out_neighbor_advertisements"
    case outRedirects = "out_redirects"
    case outMLDv2Reports = "out_mldv2_reports"

    public static let probe = "icmp6"
    public static let summary = "ICMP messages, neighbour discovery and errors over IPv6"

    public var definition: MetricDefinition {
        switch self {
        case .inMsgs:
            count(
                "InMsgs", "ICMP6_MIB_INMSGS", "ICMPv6 messages received, erroneous ones included",
                rise: "See the single types.")
        case .inErrors:
            count(
                "InErrors", "ICMP6_MIB_INERRORS",
                "ICMPv6 messages received that were wrong or that nothing here relates to",
                rise: "Damaged or forged messages arrive, or errors about connections that no longer exist.")
        case .outMsgs: count("OutMsgs", "ICMP6_MIB_OUTMSGS", "ICMPv6 messages sent", rise: "See the single types.")
        case .outErrors:
            count(
                "OutErrors", "ICMP6_MIB_OUTERRORS", "ICMPv6 messages not sent for a local reason",
                rise: "The host is short of memory or has no route for its messages.")
        case .inCsumErrors:
            count(
                "InCsumErrors", "ICMP6_MIB_CSUMERRORS", "ICMPv6 messages received with a wrong checksum",
                rise: "Packets arrive corrupted: bad hardware or a device that rewrites them wrongly.")
        case .outRateLimitHost:
            count(
                "OutRateLimitHost", "ICMP6_MIB_RATELIMITHOST",
                "ICMPv6 messages not sent because of the limit per destination, net.ipv6.icmp.ratelimit",
                rise:
                    "One peer causes many errors and gets fewer answers than it needs, which can delay path MTU discovery."
            )
        case .inDestUnreachs:
            received(
                "InDestUnreachs", 1, "destination unreachable",
                rise:
                    "Peers or routers refuse what this side sends: closed UDP ports, missing routes, or firewalls that reject."
            )
        case .inPktTooBigs:
            received(
                "InPktTooBigs", 2, "packet too big",
                rise: "What this side sends exceeds the MTU of the path, often because of a tunnel.")
        case .inTimeExcds:
            received(
                "InTimeExcds", 3, "time exceeded",
                rise: "What this side sends circles in a routing loop, or a traceroute runs.")
        case .inParmProblems:
            received(
                "InParmProblems", 4, "parameter problem",
                rise: "This side, or a device on the path, sends wrong IPv6 headers.")
        case .inEchos: received("InEchos", 128, "echo request", rise: "Somebody pings this side.")
        case .inEchoReplies: received("InEchoReplies", 129, "echo reply", rise: "Pings of this side are answered.")
        case .inGroupMembQueries:
            received(
                "InGroupMembQueries", 130, "multicast listener query",
                rise: "A router asks who listens to multicast groups.")
        case .inGroupMembResponses:
            received(
                "InGroupMembResponses", 131, "multicast listener report (MLDv1)",
                rise: "Neighbours join multicast groups.")
        case .inGroupMembReductions:
            received(
                "InGroupMembReductions", 132, "multicast listener done", rise: "Neighbours leave multicast groups.")
        case .inRouterSolicits:
            received(
                "InRouterSolicits", 133, "router solicitation",
                rise: "Hosts look for a router: they were started or lost theirs.")
        case .inRouterAdvertisements:
            received(
                "InRouterAdvertisements", 134, "router advertisement",
                rise: "Routers announce themselves; more than usual may be a second, perhaps unwanted router.")
        case .inNeighborSolicits:
            received(
                "InNeighborSolicits", 135, "neighbour solicitation",
                rise: "Neighbours look for addresses; very many are a scan of the segment.")
        case .inNeighborAdvertisements:
            received(
                "InNeighborAdvertisements", 136, "neighbour advertisement",
                rise: "Neighbours answer. Far fewer than out_neighbor_solicits: they do not.")
        case .inRedirects:
            received(
                "InRedirects", 137, "redirect",
                rise: "A router knows a shorter way: routes of this host do not fit its segment.")
        case .inMLDv2Reports:
            received(
                "InMLDv2Reports", 143, "multicast listener report (MLDv2)",
                rise: "Neighbours join or leave multicast groups.")
        case .outDestUnreachs:
            sent(
                "OutDestUnreachs", 1, "destination unreachable",
                rise:
                    "This side refuses: closed UDP ports (compare with skoop_udp6_no_ports_total), missing routes, or rules that reject."
            )
        case .outPktTooBigs:
            sent("OutPktTooBigs", 2, "packet too big", rise: "Packets to be forwarded exceed the MTU of the next link.")
        case .outTimeExcds:
            sent(
                "OutTimeExcds", 3, "time exceeded",
                rise: "Forwarded packets circle in a routing loop, or fragments did not arrive in time.")
        case .outParmProblems:
            sent("OutParmProblems", 4, "parameter problem", rise: "Peers send wrong IPv6 headers or options.")
        case .outEchos:
            sent(
                "OutEchos", 128, "echo request",
                rise: "This side pings. If in_echo_replies falls behind, pings are lost.")
        case .outEchoReplies: sent("OutEchoReplies", 129, "echo reply", rise: "This side answers pings.")
        case .outGroupMembQueries:
            sent(
                "OutGroupMembQueries", 130, "multicast listener query",
                rise: "This host or a bridge on it acts as multicast querier.")
        case .outGroupMembResponses:
            sent(
                "OutGroupMembResponses", 131, "multicast listener report (MLDv1)",
                rise: "This side joins multicast groups.")
        case .outGroupMembReductions:
            sent("OutGroupMembReductions", 132, "multicast listener done", rise: "This side leaves multicast groups.")
        case .outRouterSolicits:
            sent(
                "OutRouterSolicits", 133, "router solicitation",
                rise: "Devices came up and look for a router; if it goes on, none answers.")
        case .outRouterAdvertisements:
            sent("OutRouterAdvertisements", 134, "router advertisement", rise: "This host announces itself as router.")
        case .outNeighborSolicits:
            sent(
                "OutNeighborSolicits", 135, "neighbour solicitation",
                rise: "Neighbours have to be looked up: new peers, or some that no longer answer.")
        case .outNeighborAdvertisements:
            sent(
                "OutNeighborAdvertisements", 136, "neighbour advertisement",
                rise: "Neighbours look for this side's addresses.")
        case .outRedirects:
            sent(
                "OutRedirects", 137, "redirect",
                rise: "Peers send packets over this host that should go to another router of their segment.")
        case .outMLDv2Reports:
            sent(
                "OutMLDv2Reports", 143, "multicast listener report (MLDv2)",
                rise: "This side joins or leaves multicast groups, as with every new address.")
        }
    }

    private func count(_ field: String, _ enumerator: String, _ help: String, rise: String) -> MetricDefinition {
        .counter(help, name: name, mib: MIBCounter(.icmp6, field, .enumerator(enumerator)), rise: rise)
    }

    private func received(_ field: String, _ type: UInt8, _ what: String, rise: String) -> MetricDefinition {
        .counter(
            "ICMPv6 messages of type \(what) received", name: name,
            mib: MIBCounter(.icmp6, field, .message(type: type, sent: false)), rise: rise)
    }

    private func sent(_ field: String, _ type: UInt8, _ what: String, rise: String) -> MetricDefinition {
        .counter(
            "ICMPv6 messages of type \(what) sent", name: name,
            mib: MIBCounter(.icmp6, field, .message(type: type, sent: true)), rise: rise)
    }

    private var name: String { "skoop_icmp6_\(rawValue)_total" }
}
