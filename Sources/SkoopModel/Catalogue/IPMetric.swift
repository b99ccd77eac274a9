// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// IPv4 packets, routing and fragments, per network namespace: the `Ip:` line of `/proc/net/snmp`. For IPv6 see ``IP6Metric``.
public enum IPMetric: String, MetricSet {
    case forwarding, defaultttl, inreceives, inhdrerrors, inaddrerrors, forwdatagrams, inunknownprotos, indiscards
    case indelivers, outrequests, outdiscards, outnoroutes, reasmtimeout, reasmreqds, reasmoks, reasmfails, fragoks
    case fragfails, fragcreates

    public static let probe = "ip"
    public static let summary = "IPv4 packets, routing errors and fragments"

    public var definition: MetricDefinition {
        switch self {
        case .forwarding:
            setting(
                "Forwarding", "net.ipv4.conf.all.forwarding",
                "whether the namespace forwards IPv4 packets: 1 if it does, 2 if not",
                rise:
                    "Forwarding has been switched off. On a node that routes for pods they lose all traffic beyond it.")
        case .defaultttl:
            setting(
                "DefaultTTL", "net.ipv4.ip_default_ttl", "time to live of IPv4 packets sent by the namespace",
                rise: "The setting has been changed.")
        case .inreceives:
            count(
                "InReceives", "IPSTATS_MIB_INPKTS", "IPv4 packets received from devices, erroneous ones included",
                rise: "Traffic. Compare with indelivers and forwdatagrams: what is missing was dropped in between.")
        case .inhdrerrors:
            count(
                "InHdrErrors", "IPSTATS_MIB_INHDRERRORS",
                "IPv4 packets dropped for an erroneous header or an expired time to live",
                rise: "Routing loops or traceroutes let the time to live expire, or packets arrive damaged.")
        case .inaddrerrors:
            count(
                "InAddrErrors", "IPSTATS_MIB_INADDRERRORS",
                "IPv4 packets dropped because their destination was not valid here and could not be forwarded",
                rise:
                    "Packets for foreign addresses arrive: wrong routes, stale neighbour entries, or forwarding is off."
            )
        case .forwdatagrams:
            count(
                "ForwDatagrams", "IPSTATS_MIB_OUTFORWDATAGRAMS", "IPv4 packets forwarded to another host or namespace",
                rise: "Traffic that is routed through, on a node mostly that of its pods.")
        case .inunknownprotos:
            count(
                "InUnknownProtos", "IPSTATS_MIB_INUNKNOWNPROTOS",
                "IPv4 packets for this host dropped because no handler knows their protocol",
                rise: "A peer speaks a protocol whose module is not loaded, often a tunnel such as GRE or IPIP.")
        case .indiscards:
            count(
                "InDiscards", "IPSTATS_MIB_INDISCARDS",
                "sound IPv4 packets dropped on receipt for want of memory or by IPsec policy",
                rise: "The host runs out of memory for packets, or an IPsec policy refuses them.")
        case .indelivers:
            count(
                "InDelivers", "IPSTATS_MIB_INDELIVERS",
                "IPv4 packets handed to TCP, UDP, ICMP or another protocol here",
                rise: "Traffic for this namespace itself.")
        case .outrequests:
            count(
                "OutRequests", "IPSTATS_MIB_OUTREQUESTS",
                "IPv4 packets that protocols of this namespace asked to be sent",
                rise: "Traffic. A flat line while applications mean to send points above IP.")
        case .outdiscards:
            count(
                "OutDiscards", "IPSTATS_MIB_OUTDISCARDS",
                "sound outgoing IPv4 packets dropped for want of memory or because the device refused them",
                rise: "The send path is congested or short of memory: look at qdisc drops and device queues.")
        case .outnoroutes:
            count(
                "OutNoRoutes", "IPSTATS_MIB_OUTNOROUTES", "outgoing IPv4 packets dropped because no route was found",
                rise:
                    "A route is missing or was withdrawn: check the routing table and what the network plug-in does to it."
            )
        case .reasmtimeout:
            count(
                "ReasmTimeout", "IPSTATS_MIB_REASMTIMEOUT",
                "IPv4 reassemblies given up because fragments did not arrive in time",
                rise: "Fragments get lost on the path, or a firewall lets only first fragments through.")
        case .reasmreqds:
            count(
                "ReasmReqds", "IPSTATS_MIB_REASMREQDS", "IPv4 fragments received that had to be reassembled",
                rise: "Peers send packets larger than the path's MTU, often because a tunnel lowered it.")
        case .reasmoks:
            count(
                "ReasmOKs", "IPSTATS_MIB_REASMOKS", "IPv4 packets successfully reassembled from fragments",
                rise: "Fragmented traffic that works; it costs CPU and loses more than whole packets do.")
        case .reasmfails:
            count(
                "ReasmFails", "IPSTATS_MIB_REASMFAILS",
                "failures of IPv4 reassembly: timeouts, overlaps, or fragment memory exhausted",
                rise:
                    "Fragmented packets are lost: lost fragments, or net.ipv4.ipfrag_high_thresh is too small for the load."
            )
        case .fragoks:
            count(
                "FragOKs", "IPSTATS_MIB_FRAGOKS", "IPv4 packets successfully fragmented",
                rise:
                    "Packets larger than the outgoing device's MTU are sent or forwarded: an MTU does not fit along the path."
            )
        case .fragfails:
            count(
                "FragFails", "IPSTATS_MIB_FRAGFAILS",
                "IPv4 packets dropped because they needed fragmentation but must not or could not be fragmented",
                rise:
                    "Packets with the don't-fragment flag exceed an MTU. If the ICMP answer is filtered on the way back, "
                    + "connections hang with large packets.")
        case .fragcreates:
            count(
                "FragCreates", "IPSTATS_MIB_FRAGCREATES", "IPv4 fragments created",
                rise: "As with fragoks, an MTU does not fit along the path.")
        }
    }

    private func count(_ field: String, _ enumerator: String, _ help: String, rise: String) -> MetricDefinition {
        .counter(help, mib: MIBCounter(.ip, field, .enumerator(enumerator)), rise: rise)
    }

    private func setting(_ field: String, _ name: String, _ help: String, rise: String) -> MetricDefinition {
        .gauge(help, mib: MIBCounter(.ip, field, .setting(name)), rise: rise)
    }
}
