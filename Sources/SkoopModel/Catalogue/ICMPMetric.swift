// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// ICMP over IPv4, per network namespace: the `Icmp:` line of `/proc/net/snmp`. For IPv6 see ``ICMP6Metric``.
public enum ICMPMetric: String, MetricSet {
    case inMsgs = "in_msgs"
    case inErrors = "in_errors"
    case inCsumErrors = "in_csum_errors"
    case inDestUnreachs = "in_dest_unreachs"
    case inTimeExcds = "in_time_excds"
    case inParmProbs = "in_parm_probs"
    case inSrcQuenchs = "in_src_quenchs"
    case inRedirects = "in_redirects"
    case inEchos = "in_echos"
    case inEchoReps = "in_echo_reps"
    case inTimestamps = "in_timestamps"
    case inTimestampReps = "in_timestamp_reps"
    case inAddrMasks = "in_addr_masks"
    case inAddrMaskReps = "in_addr_mask_reps"
    case outMsgs = "out_msgs"
    case outErrors = "out_errors"
    case outRateLimitGlobal = "out_rate_limit_global"
    case outRateLimitHost = "out_rate_limit_host"
    case outDestUnreachs = "out_dest_unreachs"
    case outTimeExcds = "out_time_excds"
    case outParmProbs = "out_parm_probs"
    case outSrcQuenchs = "out_src_quenchs"
    case outRedirects = "out_redirects"
    case outEchos = "out_echos"
    case outEchoReps = "out_echo_reps"
    case outTimestamps = "out_timestamps"
    case outTimestampReps = "out_timestamp_reps"
    case outAddrMasks = "out_addr_masks"
    case outAddrMaskReps = "out_addr_mask_reps"

    public static let probe = "icmp"
    public static let summary = "ICMP messages and errors over IPv4"

    public var definition: MetricDefinition {
        switch self {
        case .inMsgs:
            count(
                "InMsgs", "ICMP_MIB_INMSGS", "ICMP messages received, erroneous ones included",
                rise: "See the single types.")
        case .inErrors:
            count(
                "InErrors", "ICMP_MIB_INERRORS",
                "ICMP messages received that were wrong or that nothing here relates to",
                rise: "Damaged or forged messages arrive, or errors about connections that no longer exist.")
        case .inCsumErrors:
            count(
                "InCsumErrors", "ICMP_MIB_CSUMERRORS", "ICMP messages received with a wrong checksum",
                rise: "Packets arrive corrupted: bad hardware or a device that rewrites them wrongly.")
        case .inDestUnreachs:
            received(
                "InDestUnreachs", 3, "destination unreachable",
                rise: "Peers or routers refuse what this side sends: closed UDP ports, missing routes, firewalls that "
                    + "reject, or packets too large for the path.")
        case .inTimeExcds:
            received(
                "InTimeExcds", 11, "time exceeded",
                rise: "What this side sends circles in a routing loop, or a traceroute runs.")
        case .inParmProbs:
            received(
                "InParmProbs", 12, "parameter problem",
                rise: "This side, or a device on the path, sends wrong IP headers.")
        case .inSrcQuenchs:
            received(
                "InSrcQuenchs", 4, "source quench",
                rise: "An old router complains of congestion; the message is obsolete (RFC 6633).")
        case .inRedirects:
            received(
                "InRedirects", 5, "redirect",
                rise: "A router knows a shorter way: routes or net masks of this host do not fit its segment.")
        case .inEchos: received("InEchos", 8, "echo request", rise: "Somebody pings this side.")
        case .inEchoReps: received("InEchoReps", 0, "echo reply", rise: "Pings of this side are answered.")
        case .inTimestamps:
            received("InTimestamps", 13, "timestamp request", rise: "Somebody asks for the time, mostly a scanner.")
        case .inTimestampReps:
            received("InTimestampReps", 14, "timestamp reply", rise: "Timestamp requests of this side are answered.")
        case .inAddrMasks:
            received("InAddrMasks", 17, "address mask request", rise: "An obsolete question, mostly from a scanner.")
        case .inAddrMaskReps:
            received("InAddrMaskReps", 18, "address mask reply", rise: "An obsolete answer, mostly unasked.")
        case .outMsgs: count("OutMsgs", "ICMP_MIB_OUTMSGS", "ICMP messages sent", rise: "See the single types.")
        case .outErrors:
            count(
                "OutErrors", "ICMP_MIB_OUTERRORS", "ICMP messages not sent for a local reason",
                rise: "The host is short of memory or has no route for its error messages.")
        case .outRateLimitGlobal:
            count(
                "OutRateLimitGlobal", "ICMP_MIB_RATELIMITGLOBAL",
                "ICMP messages not sent because of net.ipv4.icmp_msgs_per_sec",
                rise: "Very many packets cause errors, as with a scan or a flood; some senders get no ICMP answer.")
        case .outRateLimitHost:
            count(
                "OutRateLimitHost", "ICMP_MIB_RATELIMITHOST",
                "ICMP messages not sent because of the limit per destination, net.ipv4.icmp_ratelimit",
                rise:
                    "One peer causes many errors; it gets fewer ICMP answers than it needs, which can delay path MTU discovery."
            )
        case .outDestUnreachs:
            sent(
                "OutDestUnreachs", 3, "destination unreachable",
                rise:
                    "This side refuses: closed UDP ports (compare with kubeskoop_udp_noports), missing routes, rules that "
                    + "reject, or packets too large to forward.")
        case .outTimeExcds:
            sent(
                "OutTimeExcds", 11, "time exceeded",
                rise: "Forwarded packets circle in a routing loop, or fragments did not arrive in time.")
        case .outParmProbs:
            sent("OutParmProbs", 12, "parameter problem", rise: "Peers send wrong IP headers or options.")
        case .outSrcQuenchs: sent("OutSrcQuenchs", 4, "source quench", rise: "Linux sends none (RFC 6633).")
        case .outRedirects:
            sent(
                "OutRedirects", 5, "redirect",
                rise: "Peers send packets over this host that should go to another router of their segment.")
        case .outEchos:
            sent("OutEchos", 8, "echo request", rise: "This side pings. If in_echo_reps falls behind, pings are lost.")
        case .outEchoReps: sent("OutEchoReps", 0, "echo reply", rise: "This side answers pings.")
        case .outTimestamps:
            sent("OutTimestamps", 13, "timestamp request", rise: "A tool here asks for the time by ICMP.")
        case .outTimestampReps:
            sent(
                "OutTimestampReps", 14, "timestamp reply",
                rise: "This side answers timestamp requests, mostly of a scanner.")
        case .outAddrMasks:
            sent("OutAddrMasks", 17, "address mask request", rise: "A tool here asks an obsolete question.")
        case .outAddrMaskReps: sent("OutAddrMaskReps", 18, "address mask reply", rise: "Linux sends none.")
        }
    }

    private func count(_ field: String, _ enumerator: String, _ help: String, rise: String) -> MetricDefinition {
        .counter(help, name: name, mib: MIBCounter(.icmp, field, .enumerator(enumerator)), rise: rise)
    }

    private func received(_ field: String, _ type: UInt8, _ what: String, rise: String) -> MetricDefinition {
        .counter(
            "ICMP messages of type \(what) received", name: name,
            mib: MIBCounter(.icmp, field, .message(type: type, sent: false)), rise: rise)
    }

    private func sent(_ field: String, _ type: UInt8, _ what: String, rise: String) -> MetricDefinition {
        .counter(
            "ICMP messages of type \(what) sent", name: name,
            mib: MIBCounter(.icmp, field, .message(type: type, sent: true)), rise: rise)
    }

    private var name: String { "skoop_icmp_\(rawValue)_total" }
}
