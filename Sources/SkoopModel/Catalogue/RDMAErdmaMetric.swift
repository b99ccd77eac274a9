// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Counters that the erdma driver keeps for each port of a device.
public enum RDMAErdmaMetric: String, MetricSet {
    case acceptFailedCnt = "accept_failed_cnt"
    case acceptSuccessCnt = "accept_success_cnt"
    case acceptTotalCnt = "accept_total_cnt"
    case cmdqCompCnt = "cmdq_comp_cnt"
    case cmdqCQArmedCnt = "cmdq_cq_armed_cnt"
    case cmdqEQEventCnt = "cmdq_eq_event_cnt"
    case cmdqEQNotifyCnt = "cmdq_eq_notify_cnt"
    case cmdqSubmittedCnt = "cmdq_submitted_cnt"
    case connectFailedCnt = "connect_failed_cnt"
    case connectResetCnt = "connect_reset_cnt"
    case connectSuccessCnt = "connect_success_cnt"
    case connectTimeoutCnt = "connect_timeout_cnt"
    case connectTotalCnt = "connect_total_cnt"
    case erdmaAeqEventCnt = "erdma_aeq_event_cnt"
    case erdmaAeqNotifyCnt = "erdma_aeq_notify_cnt"
    case hwBpsLimitDropCnt = "hw_bps_limit_drop_cnt"
    case hwDisableDropCnt = "hw_disable_drop_cnt"
    case hwPpsLimitDropCnt = "hw_pps_limit_drop_cnt"
    case hwRxBpsLimitDropCnt = "hw_rx_bps_limit_drop_cnt"
    case hwRxBytesCnt = "hw_rx_bytes_cnt"
    case hwRxDisableDropCnt = "hw_rx_disable_drop_cnt"
    case hwRxPacketsCnt = "hw_rx_packets_cnt"
    case hwRxPpsLimitDropCnt = "hw_rx_pps_limit_drop_cnt"
    case hwTxBytesCnt = "hw_tx_bytes_cnt"
    case hwTxPacketsCnt = "hw_tx_packets_cnt"
    case hwTxReqsCnt = "hw_tx_reqs_cnt"
    case listenCreateCnt = "listen_create_cnt"
    case listenDestroyCnt = "listen_destroy_cnt"
    case listenFailedCnt = "listen_failed_cnt"
    case listenIpv6Cnt = "listen_ipv6_cnt"
    case listenSuccessCnt = "listen_success_cnt"
    case rejectCnt = "reject_cnt"
    case rejectFailedCnt = "reject_failed_cnt"
    case verbsAllocMRCnt = "verbs_alloc_mr_cnt"
    case verbsAllocMRFailedCnt = "verbs_alloc_mr_failed_cnt"
    case verbsAllocPDCnt = "verbs_alloc_pd_cnt"
    case verbsAllocPDFailedCnt = "verbs_alloc_pd_failed_cnt"
    case verbsAllocUctxCnt = "verbs_alloc_uctx_cnt"
    case verbsAllocUctxFailedCnt = "verbs_alloc_uctx_failed_cnt"
    case verbsCreateCQCnt = "verbs_create_cq_cnt"
    case verbsCreateCQFailedCnt = "verbs_create_cq_failed_cnt"
    case verbsDestroyCQCnt = "verbs_destroy_cq_cnt"
    case verbsDestroyCQFailedCnt = "verbs_destroy_cq_failed_cnt"
    case verbsCreateQPCnt = "verbs_create_qp_cnt"
    case verbsCreateQPFailedCnt = "verbs_create_qp_failed_cnt"
    case verbsDestroyQPCnt = "verbs_destroy_qp_cnt"
    case verbsDestroyQPFailedCnt = "verbs_destroy_qp_failed_cnt"
    case verbsDeallocPDCnt = "verbs_dealloc_pd_cnt"
    case verbsDeallocUctxCnt = "verbs_dealloc_uctx_cnt"
    case verbsDeregMRCnt = "verbs_dereg_mr_cnt"
    case verbsDeregMRFailedCnt = "verbs_dereg_mr_failed_cnt"
    case verbsGetDmaMRCnt = "verbs_get_dma_mr_cnt"
    case verbsGetDmaMRFailedCnt = "verbs_get_dma_mr_failed_cnt"
    case verbsRegUsrMRCnt = "verbs_reg_usr_mr_cnt"
    case verbsRegUsrMRFailedCnt = "verbs_reg_usr_mr_failed_cnt"

    public static let probe = "rdma"
    public static let isExtension = true
    public static let summary = "counters of erdma devices"

    public var definition: MetricDefinition {
        let (help, rise) = texts
        return .counter(
            "\(help) (erdma)", name: "kubeskoop_rdma_erdma_\(rawValue)",
            unit: self == .hwRxBytesCnt || self == .hwTxBytesCnt ? .bytes : .none,
            labels: .entity(extra: ["device", "type", "port"]), source: source, rise: rise)
    }

    private var source: String { "RDMA_NLDEV_CMD_STAT_GET, hardware counter \(rawValue)" }

    private var texts: (help: String, rise: String) {
        switch self {
        case .acceptFailedCnt: ("connections that could not be accepted", "Connection setup fails on this side.")
        case .acceptSuccessCnt: ("connections accepted", "More incoming connections.")
        case .acceptTotalCnt: ("attempts to accept a connection", "More incoming connections.")
        case .cmdqCompCnt:
            (
                "commands completed by the device",
                "Activity of the control path. It should keep up with cmdq_submitted_cnt."
            )
        case .cmdqCQArmedCnt: ("times the command completion queue was armed", "Activity of the control path.")
        case .cmdqEQEventCnt: ("events of the command queue", "Activity of the control path.")
        case .cmdqEQNotifyCnt: ("notifications of the command event queue", "Activity of the control path.")
        case .cmdqSubmittedCnt:
            (
                "commands submitted to the device",
                "Resources are created and destroyed often, as with short-lived connections."
            )
        case .connectFailedCnt:
            ("outgoing connections that failed", "The peer refuses or cannot be reached, or resources are exhausted.")
        case .connectResetCnt: ("connections reset", "Peers abort connections.")
        case .connectSuccessCnt: ("outgoing connections established", "More outgoing connections.")
        case .connectTimeoutCnt:
            (
                "outgoing connections that timed out",
                "The peer does not answer: it is down, or packets are dropped on the way."
            )
        case .connectTotalCnt: ("attempts to connect", "More outgoing connections.")
        case .erdmaAeqEventCnt:
            ("asynchronous events of the device", "Errors of queues or changes of the port; the kernel log names them.")
        case .erdmaAeqNotifyCnt:
            (
                "notifications of the asynchronous event queue",
                "Errors of queues or changes of the port; the kernel log names them."
            )
        case .hwBpsLimitDropCnt:
            ("packets sent that the bandwidth limit dropped", "The instance's bandwidth is used up.")
        case .hwDisableDropCnt:
            (
                "packets sent that were dropped because the device is disabled",
                "The device is switched off while it is used."
            )
        case .hwPpsLimitDropCnt:
            ("packets sent that the packet rate limit dropped", "The instance's packet rate is used up.")
        case .hwRxBpsLimitDropCnt:
            ("packets received that the bandwidth limit dropped", "The instance's bandwidth is used up.")
        case .hwRxBytesCnt: ("bytes received", "Traffic.")
        case .hwRxDisableDropCnt:
            (
                "packets received that were dropped because the device is disabled",
                "The device is switched off while peers use it."
            )
        case .hwRxPacketsCnt: ("packets received", "Traffic.")
        case .hwRxPpsLimitDropCnt:
            ("packets received that the packet rate limit dropped", "The instance's packet rate is used up.")
        case .hwTxBytesCnt: ("bytes sent", "Traffic.")
        case .hwTxPacketsCnt: ("packets sent", "Traffic.")
        case .hwTxReqsCnt: ("requests to send", "Traffic.")
        case .listenCreateCnt: ("attempts to listen", "Applications begin to listen.")
        case .listenDestroyCnt: ("listeners closed", "Applications cease to listen.")
        case .listenFailedCnt: ("attempts to listen that failed", "An address is in use, or resources are exhausted.")
        case .listenIpv6Cnt: ("attempts to listen on an IPv6 address", "Applications begin to listen on IPv6.")
        case .listenSuccessCnt: ("listeners opened", "Applications begin to listen.")
        case .rejectCnt: ("connections rejected", "Applications refuse incoming connections.")
        case .rejectFailedCnt:
            ("rejections of connections that failed", "Refusals do not reach the peers, which wait for a timeout.")
        case .verbsAllocMRCnt:
            ("allocations of memory regions", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsAllocMRFailedCnt:
            (
                "allocations of memory regions that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsAllocPDCnt:
            ("allocations of protection domains", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsAllocPDFailedCnt:
            (
                "allocations of protection domains that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsAllocUctxCnt:
            ("allocations of user contexts", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsAllocUctxFailedCnt:
            (
                "allocations of user contexts that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsCreateCQCnt:
            ("creations of completion queues", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsCreateCQFailedCnt:
            (
                "creations of completion queues that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsDestroyCQCnt:
            ("destructions of completion queues", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsDestroyCQFailedCnt:
            (
                "destructions of completion queues that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsCreateQPCnt:
            ("creations of queue pairs", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsCreateQPFailedCnt:
            (
                "creations of queue pairs that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsDestroyQPCnt:
            ("destructions of queue pairs", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsDestroyQPFailedCnt:
            (
                "destructions of queue pairs that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsDeallocPDCnt:
            ("releases of protection domains", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsDeallocUctxCnt:
            ("releases of user contexts", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsDeregMRCnt:
            ("deregistrations of memory regions", "Activity of applications that set up or tear down RDMA resources.")
        case .verbsDeregMRFailedCnt:
            (
                "deregistrations of memory regions that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsGetDmaMRCnt:
            (
                "requests for memory regions of all memory",
                "Activity of applications that set up or tear down RDMA resources."
            )
        case .verbsGetDmaMRFailedCnt:
            (
                "requests for memory regions of all memory that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        case .verbsRegUsrMRCnt:
            (
                "registrations of memory regions of user memory",
                "Activity of applications that set up or tear down RDMA resources."
            )
        case .verbsRegUsrMRFailedCnt:
            (
                "registrations of memory regions of user memory that failed",
                "Resources of the device or memory are exhausted, or the device does not answer."
            )
        }
    }
}
