// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Counters of RDMA devices that have no metric of their own: those of other drivers than mlx5 and erdma, and what these
/// two count beyond KubeSkoop's lists.
public enum RDMAExtraMetric: String, MetricSet {
    case counter

    public static let probe = "rdma"
    public static let isExtension = true
    public static let summary = "counters of all other RDMA devices"

    public var definition: MetricDefinition {
        .counter(
            "counter of an RDMA device's port, named by its driver", name: "skoop_rdma_port_statistic_total",
            labels: .entity(extra: ["device", "type", "port", "counter"]),
            source: "RDMA_NLDEV_CMD_STAT_GET, /sys/class/infiniband/<device>/ports/<port>/counters",
            rise: "As the driver's documentation says; names with err, nak, retry, drop or discard speak of trouble.")
    }
}
