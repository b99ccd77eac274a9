// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Counters that the mlx5 driver keeps for each port of a device.
public enum RDMAMlx5Metric: String, MetricSet {
    case portRcvData = "port_rcv_data"
    case portRcvPackets = "port_rcv_packets"
    case multicastRcvPackets = "multicast_rcv_packets"
    case unicastRcvPackets = "unicast_rcv_packets"
    case portXmitData = "port_xmit_data"
    case portXmitPackets = "port_xmit_packets"
    case portXmitPackets64 = "port_xmit_packets_64"
    case portRcvSwitchRelayErrors = "port_rcv_switch_relay_errors"
    case portRcvErrors = "port_rcv_errors"
    case portRcvConstraintErrors = "port_rcv_constraint_errors"
    case localLinkIntegrityErrors = "local_link_integrity_errors"
    case portXmitWait = "port_xmit_wait"
    case multicastXmitPackets = "multicast_xmit_packets"
    case unicastXmitPackets = "unicast_xmit_packets"
    case portXmitDiscards = "port_xmit_discards"
    case portXmitConstraintErrors = "port_xmit_constraint_errors"
    case portRcvRemotePhysicalErrors = "port_rcv_remote_physical_errors"
    case symbolError = "symbol_error"
    case vl15Dropped = "VL15_dropped"
    case linkErrorRecovery = "link_error_recovery"
    case linkDowned = "link_downed"
    case rxWriteRequests = "rx_write_requests"
    case rxReadRequests = "rx_read_requests"
    case rxAtomicRequests = "rx_atomic_requests"
    case outOfBuffer = "out_of_buffer"
    case outOfSequence = "out_of_sequence"
    case duplicateRequest = "duplicate_request"
    case rnrNakRetryErr = "rnr_nak_retry_err"
    case packetSeqErr = "packet_seq_err"
    case impliedNakSeqErr = "implied_nak_seq_err"
    case localAckTimeoutErr = "local_ack_timeout_err"
    case rxDctConnect = "rx_dct_connect"
    case respLocalLengthError = "resp_local_length_error"
    case respCQEError = "resp_cqe_error"
    case reqCQEError = "req_cqe_error"
    case reqRemoteInvalidRequest = "req_remote_invalid_request"
    case reqRemoteAccessErrors = "req_remote_access_errors"
    case respRemoteAccessErrors = "resp_remote_access_errors"
    case respCQEFlushError = "resp_cqe_flush_error"
    case reqCQEFlushError = "req_cqe_flush_error"
    case roceAdpRetrans = "roce_adp_retrans"
    case roceAdpRetransTo = "roce_adp_retrans_to"
    case roceSlowRestart = "roce_slow_restart"
    case roceSlowRestartCnps = "roce_slow_restart_cnps"
    case roceSlowRestartTrans = "roce_slow_restart_trans"
    case rpCnpIgnored = "rp_cnp_ignored"
    case rpCnpHandled = "rp_cnp_handled"
    case npEcnMarkedRocePackets = "np_ecn_marked_roce_packets"
    case npCnpSent = "np_cnp_sent"
    case rxIcrcEncapsulated = "rx_icrc_encapsulated"

    public static let probe = "rdma"
    public static let isExtension = true
    public static let summary = "counters of mlx5 devices"

    public var definition: MetricDefinition {
        let (help, rise) = texts
        return .counter(
            "\(help) (mlx5)", name: "kubeskoop_rdma_mlx5_\(rawValue)",
            labels: .entity(extra: ["device", "type", "port"]), source: source, rise: rise)
    }

    private var source: String {
        // The cases up to the first request counter are the port counters of the InfiniBand architecture.
        let port = Self.allCases.prefix { $0 != .rxWriteRequests }
        return port.contains(self)
            ? "/sys/class/infiniband/<device>/ports/<port>/counters/\(rawValue)"
            : "/sys/class/infiniband/<device>/ports/<port>/hw_counters/\(rawValue)"
    }

    private var texts: (help: String, rise: String) {
        switch self {
        case .portRcvData: ("bytes received on the port, in units of 4 bytes", "Traffic.")
        case .portRcvPackets: ("packets received on the port", "Traffic.")
        case .multicastRcvPackets: ("multicast packets received on the port", "More multicast.")
        case .unicastRcvPackets: ("unicast packets received on the port", "Traffic.")
        case .portXmitData: ("bytes sent on the port, in units of 4 bytes", "Traffic.")
        case .portXmitPackets: ("packets sent on the port", "Traffic.")
        case .portXmitPackets64: ("packets sent on the port, in the 64-bit counter of older drivers", "Traffic.")
        case .portRcvSwitchRelayErrors:
            ("packets received that the switch could not relay", "Wrong forwarding tables in an InfiniBand fabric.")
        case .portRcvErrors:
            ("packets received with an error", "Damaged packets: cable, transceiver, or a failing peer port.")
        case .portRcvConstraintErrors:
            ("packets received that partition or raw filters refused", "Partition keys of the fabric do not match.")
        case .localLinkIntegrityErrors:
            ("times the local physical errors exceeded their threshold", "The link is bad: cable or transceiver.")
        case .portXmitWait:
            (
                "ticks in which the port had data to send but no credits or was paused",
                "Congestion in the fabric: receivers or switches cannot take the traffic."
            )
        case .multicastXmitPackets: ("multicast packets sent on the port", "More multicast.")
        case .unicastXmitPackets: ("unicast packets sent on the port", "Traffic.")
        case .portXmitDiscards:
            ("packets not sent because the port was down or congested", "Congestion or a link that went down.")
        case .portXmitConstraintErrors:
            (
                "packets not sent because partition or raw filters refused them",
                "Partition keys of the fabric do not match."
            )
        case .portRcvRemotePhysicalErrors:
            ("packets received that another device had marked as damaged", "A link further away is bad.")
        case .symbolError: ("minor link errors on physical lanes", "The link is bad: cable or transceiver.")
        case .vl15Dropped:
            ("management packets dropped for want of buffers", "The subnet manager asks faster than the port answers.")
        case .linkErrorRecovery:
            ("times the link recovered from errors", "The link is unstable: cable, transceiver or port.")
        case .linkDowned:
            (
                "times the link went down and could not recover",
                "The link fails: cable, transceiver, port, or the peer was restarted."
            )
        case .rxWriteRequests: ("RDMA write requests received", "Traffic of peers that write.")
        case .rxReadRequests: ("RDMA read requests received", "Traffic of peers that read.")
        case .rxAtomicRequests: ("RDMA atomic requests received", "Traffic of peers that use atomics.")
        case .outOfBuffer:
            (
                "packets dropped because the receive queue had no work request",
                "The application does not post receive buffers fast enough."
            )
        case .outOfSequence:
            ("packets received out of sequence", "Packets are lost or reordered in the network; RoCE retransmits.")
        case .duplicateRequest:
            ("requests received twice", "Acknowledgements are lost or late, and the peer sends again.")
        case .rnrNakRetryErr:
            (
                "receiver-not-ready answers after which the retries were used up",
                "The peer does not post receive buffers; the connection breaks."
            )
        case .packetSeqErr:
            ("negative acknowledgements received for sequence errors", "What this side sends is lost in the network.")
        case .impliedNakSeqErr:
            (
                "times an acknowledgement implied that packets before it were lost",
                "What this side sends is lost in the network."
            )
        case .localAckTimeoutErr:
            ("times no acknowledgement came in time", "The peer or the path is down or overloaded.")
        case .rxDctConnect:
            ("connection requests received for dynamically connected targets", "More peers use dynamic connections.")
        case .respLocalLengthError:
            ("local length errors found as responder", "Peers send more than the posted buffers hold.")
        case .respCQEError: ("completions with an error as responder", "Operations of peers fail here.")
        case .reqCQEError: ("completions with an error as requester", "Operations of this side fail.")
        case .reqRemoteInvalidRequest:
            ("answers that a request was invalid", "The peer refuses this side's requests: a fault of the application.")
        case .reqRemoteAccessErrors:
            ("answers that a request had no right to the memory", "Wrong keys or addresses in this side's requests.")
        case .respRemoteAccessErrors:
            (
                "requests of peers refused for want of rights to the memory",
                "Wrong keys or addresses in the peers' requests."
            )
        case .respCQEFlushError:
            ("completions flushed with an error as responder", "Connections were torn down with work outstanding.")
        case .reqCQEFlushError:
            ("completions flushed with an error as requester", "Connections were torn down with work outstanding.")
        case .roceAdpRetrans: ("adaptive retransmissions of RoCE", "Packets are lost in the network.")
        case .roceAdpRetransTo:
            ("RoCE connections that reached the timeout of adaptive retransmission", "Peers or paths are gone.")
        case .roceSlowRestart:
            ("times RoCE began slowly again after a pause", "Connections resume after idle times or loss.")
        case .roceSlowRestartCnps:
            ("congestion notifications that slow restart produced", "Congestion control is at work.")
        case .roceSlowRestartTrans:
            ("times the state of RoCE slow restart changed", "Connections resume after idle times or loss.")
        case .rpCnpIgnored:
            (
                "congestion notifications received and ignored",
                "Congestion control is off or set up wrongly on this side."
            )
        case .rpCnpHandled:
            (
                "congestion notifications received, after which sending was slowed down",
                "The network is congested on the way to the peers."
            )
        case .npEcnMarkedRocePackets:
            (
                "RoCE packets received that switches had marked for congestion",
                "The network is congested on the way here."
            )
        case .npCnpSent:
            (
                "congestion notifications sent",
                "The network is congested on the way here, and senders are asked to slow down."
            )
        case .rxIcrcEncapsulated:
            (
                "RoCE packets received with a wrong invariant checksum",
                "Packets are damaged on the way, or a device rewrites them."
            )
        }
    }
}
