// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Counters of `/proc/net/netstat` that KubeSkoop's tcpext leaves out and without which some causes have the same face.
public enum TCPExtExtraMetric: String, MetricSet {
    case syncookiesSent = "syncookies_sent"
    case requestQueueFullDrop = "request_queue_full_drops"
    case requestQueueFullCookies = "request_queue_full_cookies"
    case timeWaitOverflow = "time_wait_overflows"
    case pruneCalled = "prune_calls"
    case receivePruned = "receive_pruned"
    case outOfOrderPruned = "out_of_order_pruned"
    case outOfOrderDrop = "out_of_order_drops"
    case toZeroWindow = "to_zero_window"
    case fromZeroWindow = "from_zero_window"
    case originalData = "original_data_segments"
    case duplicateReceived = "dsack_received"
    case spuriousTimeouts = "spurious_timeouts"
    case reversePathFilter = "reverse_path_filter_drops"
    case checksumErrors = "checksum_errors"
    case pawsTimeWait = "paws_time_wait_rejects"

    public static let probe = TCPExtMetric.probe
    public static let isExtension = true
    public static let summary =
        "SYN queues, TIME_WAIT limits, zero windows, receive queues and spurious retransmissions"

    public var definition: MetricDefinition {
        switch self {
        case .syncookiesSent:
            count(
                "SyncookiesSent", "LINUX_MIB_SYNCOOKIESSENT", "SYNs answered with a cookie for want of room",
                rise: "The queue of half-open connections is full: a SYN flood, or a backlog too small for the burst.")
        case .requestQueueFullDrop:
            count(
                "TCPReqQFullDrop", "LINUX_MIB_TCPREQQFULLDROP",
                "SYNs dropped because the queue of half-open connections was full and SYN cookies are off",
                rise: "New connections fail: a SYN flood, or a backlog too small; net.ipv4.tcp_syncookies would help.")
        case .requestQueueFullCookies:
            count(
                "TCPReqQFullDoCookies", "LINUX_MIB_TCPREQQFULLDOCOOKIES",
                "SYNs that found the queue of half-open connections full and were to be answered with a cookie",
                rise: "A SYN flood, or a backlog too small for the burst; connections are made, with fewer options.")
        case .timeWaitOverflow:
            count(
                "TCPTimeWaitOverflow", "LINUX_MIB_TCPTIMEWAITOVERFLOW",
                "connections not kept in TIME_WAIT because there were net.ipv4.tcp_max_tw_buckets already",
                rise: "Short connections come faster than TIME_WAIT ends; late segments of closed ones are reset.")
        case .pruneCalled:
            count(
                "PruneCalled", "LINUX_MIB_PRUNECALLED", "times a socket's receive memory was over its limit",
                rise: "The application reads too slowly, or net.ipv4.tcp_rmem and tcp_mem are too small.")
        case .receivePruned:
            count(
                "RcvPruned", "LINUX_MIB_RCVPRUNED", "segments dropped because no receive memory could be freed",
                rise: "Data that had arrived is thrown away and must be sent again: receive buffers overflow.")
        case .outOfOrderPruned:
            count(
                "OfoPruned", "LINUX_MIB_OFOPRUNED", "times segments that came out of order were thrown away for memory",
                rise: "Loss on the path and little receive memory together.")
        case .outOfOrderDrop:
            count(
                "TCPOFODrop", "LINUX_MIB_TCPOFODROP", "segments out of order dropped for want of receive memory",
                rise: "Loss on the path and little receive memory together.")
        case .toZeroWindow:
            count(
                "TCPToZeroWindowAdv", "LINUX_MIB_TCPTOZEROWINDOWADV",
                "times a receive window was announced as closed that had been open",
                rise: "The application reads slower than its peers send; they wait.")
        case .fromZeroWindow:
            count(
                "TCPFromZeroWindowAdv", "LINUX_MIB_TCPFROMZEROWINDOWADV",
                "times a closed receive window was announced as open again",
                rise: "The application had stopped reading and has gone on.")
        case .originalData:
            count(
                "TCPOrigDataSent", "LINUX_MIB_TCPORIGDATASENT",
                "segments with data sent for the first time",
                rise: "Traffic. Retransmissions divided by it are the share that is lost.")
        case .duplicateReceived:
            count(
                "TCPDSACKRecv", "LINUX_MIB_TCPDSACKRECV",
                "reports of peers that they have received something twice",
                rise: "Segments are sent again although they had arrived: acknowledgements are late or lost, "
                    + "or packets overtake each other.")
        case .spuriousTimeouts:
            count(
                "TCPSpuriousRTOs", "LINUX_MIB_TCPSPURIOUSRTOS",
                "retransmission timeouts that turned out to be unnecessary",
                rise: "Acknowledgements come late rather than never: queues on the path, or a host that stands still.")
        case .reversePathFilter:
            count(
                "IPReversePathFilter", "LINUX_MIB_IPRPFILTER",
                "packets dropped because their source is not reached through the device they came in by",
                rise: "Asymmetric routing, a missing route, or forged sources; see net.ipv4.conf.*.rp_filter.")
        case .pawsTimeWait:
            count(
                "PAWSTimewait", "LINUX_MIB_PAWS_TW_REJECTED",
                "segments for connections in TIME_WAIT rejected for an old time stamp",
                rise: "Clients behind one address translator with different clocks reuse ports: their SYNs are dropped."
            )
        case .checksumErrors:
            .counter(
                "TCP segments with a wrong checksum", name: "skoop_tcp_checksum_errors_total",
                mib: MIBCounter(.tcp, "InCsumErrors", .enumerator("TCP_MIB_CSUMERRORS")),
                rise:
                    "Segments arrive corrupted: bad hardware, faulty checksum offload, or a device that rewrites them.")
        }
    }

    private func count(_ field: String, _ enumerator: String, _ help: String, rise: String) -> MetricDefinition {
        .counter(
            help, name: "skoop_tcpext_\(rawValue)_total", mib: MIBCounter(.tcpExt, field, .enumerator(enumerator)),
            rise: rise)
    }
}
