// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// IPv6 packets, routing and fragments, per network namespace: the `Ip6…` lines of `/proc/net/snmp6`. For IPv4 see
/// ``IPMetric``.
public enum IP6Metric: String, MetricSet {
    case inReceives = "in_receives"
    case inHdrErrors = "in_hdr_errors"
    case inTooBigErrors = "in_too_big_errors"
    case inNoRoutes = "in_no_routes"
    case inAddrErrors = "in_addr_errors"
    case inUnknownProtos = "in_unknown_protos"
    case inTruncatedPkts = "in_truncated_pkts"
    case inDiscards = "in_discards"
    case inDelivers = "in_delivers"
    case outForwDatagrams = "out_forw_datagrams"
    case outRequests = "out_requests"
    case outDiscards = "out_discards"
    case outNoRoutes = "out_no_routes"
    case reasmTimeout = "reasm_timeout"
    case reasmReqds = "reasm_reqds"
    case reasmOKs = "reasm_oks"
    case reasmFails = "reasm_fails"
    case fragOKs = "frag_oks"
    case fragFails = "frag_fails"
    case fragCreates = "frag_creates"
    case inMcastPkts = "in_mcast_pkts"
    case outMcastPkts = "out_mcast_pkts"
    case inOctets = "in_octets"
    case outOctets = "out_octets"
    case inMcastOctets = "in_mcast_octets"
    case outMcastOctets = "out_mcast_octets"
    case inBcastOctets = "in_bcast_octets"
    case outBcastOctets = "out_bcast_octets"
    case inNoECTPkts = "in_no_ect_pkts"
    case inECT1Pkts = "in_ect1_pkts"
    case inECT0Pkts = "in_ect0_pkts"
    case inCEPkts = "in_ce_pkts"
    case outTransmits = "out_transmits"

    public static let probe = "ip6"
    public static let summary = "IPv6 packets, routing errors and fragments"

    public var definition: MetricDefinition {
        switch self {
        case .inReceives:
            count(
                "InReceives", "INPKTS", "IPv6 packets received from devices, erroneous ones included",
                rise:
                    "Traffic. Compare with in_delivers and out_forw_datagrams: what is missing was dropped in between.")
        case .inHdrErrors:
            count(
                "InHdrErrors", "INHDRERRORS", "IPv6 packets dropped for an erroneous header or an expired hop limit",
                rise: "Routing loops or traceroutes let the hop limit expire, or packets arrive damaged.")
        case .inTooBigErrors:
            count(
                "InTooBigErrors", "INTOOBIGERRORS",
                "IPv6 packets not forwarded because they exceed the next link's MTU",
                rise:
                    "Senders do not know the path's MTU. If the ICMPv6 answer is filtered, connections hang with large packets."
            )
        case .inNoRoutes:
            count(
                "InNoRoutes", "INNOROUTES", "received IPv6 packets dropped because no route leads to their destination",
                rise: "Packets arrive that this host cannot forward: a route is missing here, or wrong at the sender.")
        case .inAddrErrors:
            count(
                "InAddrErrors", "INADDRERRORS",
                "IPv6 packets dropped because of an invalid source or destination address",
                rise:
                    "Packets for foreign or impossible addresses arrive: wrong routes, stale neighbour entries, or forwarding is off."
            )
        case .inUnknownProtos:
            count(
                "InUnknownProtos", "INUNKNOWNPROTOS",
                "IPv6 packets for this host dropped because no handler knows their next header",
                rise: "A peer speaks a protocol whose module is not loaded, often a tunnel.")
        case .inTruncatedPkts:
            count(
                "InTruncatedPkts", "INTRUNCATEDPKTS",
                "IPv6 packets dropped because they were shorter than their header says",
                rise: "Packets arrive damaged.")
        case .inDiscards:
            count(
                "InDiscards", "INDISCARDS",
                "sound IPv6 packets dropped on receipt for want of memory, by IPsec policy, or because IPv6 is disabled",
                rise: "The host runs out of memory for packets, or IPv6 is switched off on the device they arrive at.")
        case .inDelivers:
            count(
                "InDelivers", "INDELIVERS", "IPv6 packets handed to TCP, UDP, ICMPv6 or another protocol here",
                rise: "Traffic for this namespace itself.")
        case .outForwDatagrams:
            count(
                "OutForwDatagrams", "OUTFORWDATAGRAMS", "IPv6 packets forwarded to another host or namespace",
                rise: "Traffic that is routed through, on a node mostly that of its pods.")
        case .outRequests:
            count(
                "OutRequests", "OUTREQUESTS", "IPv6 packets that protocols of this namespace asked to be sent",
                rise: "Traffic. A flat line while applications mean to send points above IP.")
        case .outDiscards:
            count(
                "OutDiscards", "OUTDISCARDS",
                "sound outgoing IPv6 packets dropped for want of memory or because the device refused them",
                rise: "The send path is congested or short of memory: look at qdisc drops and device queues.")
        case .outNoRoutes:
            count(
                "OutNoRoutes", "OUTNOROUTES", "outgoing IPv6 packets dropped because no route was found",
                rise: "A route is missing or was withdrawn, or a name resolves to IPv6 where there is none.")
        case .reasmTimeout:
            count(
                "ReasmTimeout", "REASMTIMEOUT", "IPv6 reassemblies given up because fragments did not arrive in time",
                rise: "Fragments get lost on the path, or a firewall lets only first fragments through.")
        case .reasmReqds:
            count(
                "ReasmReqds", "REASMREQDS", "IPv6 fragments received that had to be reassembled",
                rise: "Peers send datagrams larger than the path's MTU.")
        case .reasmOKs:
            count(
                "ReasmOKs", "REASMOKS", "IPv6 packets successfully reassembled from fragments",
                rise: "Fragmented traffic that works; it costs CPU and loses more than whole packets do.")
        case .reasmFails:
            count(
                "ReasmFails", "REASMFAILS",
                "failures of IPv6 reassembly: timeouts, overlaps, or fragment memory exhausted",
                rise:
                    "Fragmented packets are lost: lost fragments, or net.ipv6.ip6frag_high_thresh is too small for the load."
            )
        case .fragOKs:
            count(
                "FragOKs", "FRAGOKS", "IPv6 packets successfully fragmented by this host",
                rise: "Datagrams larger than the MTU are sent.")
        case .fragFails:
            count(
                "FragFails", "FRAGFAILS",
                "IPv6 packets dropped because they needed fragmentation but could not be fragmented",
                rise: "Packets exceed an MTU and may not be fragmented, as all that are forwarded.")
        case .fragCreates:
            count("FragCreates", "FRAGCREATES", "IPv6 fragments created", rise: "As with frag_oks.")
        case .inMcastPkts:
            count(
                "InMcastPkts", "INMCASTPKTS", "IPv6 multicast packets received", rise: "More multicast on the segment.")
        case .outMcastPkts:
            count(
                "OutMcastPkts", "OUTMCASTPKTS", "IPv6 multicast packets sent",
                rise: "More multicast is sent, neighbour discovery included.")
        case .inOctets: count("InOctets", "INOCTETS", "bytes of IPv6 packets received", unit: .bytes, rise: "Traffic.")
        case .outOctets: count("OutOctets", "OUTOCTETS", "bytes of IPv6 packets sent", unit: .bytes, rise: "Traffic.")
        case .inMcastOctets:
            count(
                "InMcastOctets", "INMCASTOCTETS", "bytes of IPv6 multicast packets received", unit: .bytes,
                rise: "More multicast on the segment.")
        case .outMcastOctets:
            count(
                "OutMcastOctets", "OUTMCASTOCTETS", "bytes of IPv6 multicast packets sent", unit: .bytes,
                rise: "More multicast is sent.")
        case .inBcastOctets:
            count(
                "InBcastOctets", "INBCASTOCTETS", "bytes of IPv6 broadcast packets received", unit: .bytes,
                rise: Self.noBroadcast)
        case .outBcastOctets:
            count(
                "OutBcastOctets", "OUTBCASTOCTETS", "bytes of IPv6 broadcast packets sent", unit: .bytes,
                rise: Self.noBroadcast)
        case .inNoECTPkts:
            count(
                "InNoECTPkts", "NOECTPKTS", "IPv6 packets received that do not support congestion notification",
                rise: "Traffic.")
        case .inECT1Pkts:
            count(
                "InECT1Pkts", "ECT1PKTS", "IPv6 packets received with ECT(1)",
                rise: "Traffic of senders with scalable congestion control (L4S).")
        case .inECT0Pkts:
            count(
                "InECT0Pkts", "ECT0PKTS", "IPv6 packets received with ECT(0)",
                rise: "Traffic of senders that support congestion notification.")
        case .inCEPkts:
            count(
                "InCEPkts", "CEPKTS", "IPv6 packets received that were marked for congestion",
                rise: "A queue on the path is congested and marks instead of dropping.")
        case .outTransmits:
            count(
                "OutTransmits", "OUTPKTS", "IPv6 packets given to devices, forwarded ones and fragments included",
                rise: "Traffic.")
        }
    }

    private static let noBroadcast = "Stays 0: IPv6 has no broadcast."

    private func count(
        _ field: String, _ enumerator: String, _ help: String, unit: Metric.Unit = .none, rise: String
    ) -> MetricDefinition {
        .counter(
            help, name: "skoop_ip6_\(rawValue)_total", unit: unit,
            mib: MIBCounter(.ip6, field, .enumerator("IPSTATS_MIB_\(enumerator)")), rise: rise)
    }
}
