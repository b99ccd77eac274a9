// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// RDMA resources in use on each device of the node.
public enum RDMAMetric: String, MetricSet {
    case connectionIDs = "cm_id"
    case completionQueues = "cq"
    case contexts = "ctx"
    case memoryRegions = "mr"
    case protectionDomains = "pd"
    case queuePairs = "qp"
    case sharedReceiveQueues = "srq"

    public static let probe = "rdma"
    public static let summary = "RDMA resources and the counters of mlx5 and erdma devices"

    public var definition: MetricDefinition {
        switch self {
        case .connectionIDs:
            level("connection manager identifiers", rise: "More RDMA connections are set up or listened for.")
        case .completionQueues: level("completion queues", rise: Self.generalRise)
        case .contexts: level("user contexts", rise: "More processes have opened the device.")
        case .memoryRegions:
            level(
                "memory regions",
                rise: "More memory is registered; if it never falls again an application leaks regions.")
        case .protectionDomains: level("protection domains", rise: Self.generalRise)
        case .queuePairs:
            level("queue pairs", rise: "More RDMA connections. Devices have a limit, beyond which new ones fail.")
        case .sharedReceiveQueues: level("shared receive queues", rise: Self.generalRise)
        }
    }

    private static let generalRise =
        "More applications use the device, or one leaks resources; at the device's limit new ones fail."

    private func level(_ what: String, rise: String) -> MetricDefinition {
        .gauge(
            "\(what) in use on the device", labels: .entity(extra: ["device", "type"]),
            source: "RDMA_NLDEV_CMD_RES_GET, resource \(rawValue)", rise: rise)
    }
}
