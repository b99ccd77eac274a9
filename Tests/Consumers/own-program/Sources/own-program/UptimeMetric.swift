// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// The metrics of ``UptimeProbe``.
enum UptimeMetric: String, MetricSet {
    case uptime
    case namespaces

    static let probe = "uptime"
    static let summary = "How long the kernel has been up, and how many network namespaces it has."

    var definition: MetricDefinition {
        switch self {
        case .uptime:
            .gauge(
                "Time since boot.", name: "example_uptime_seconds", unit: .seconds, decimals: 9,
                labels: .node(), source: "bpf_ktime_get_boot_ns()", rise: "the machine stayed up")
        case .namespaces:
            .gauge(
                "Network namespaces of the host.", name: "example_network_namespaces", labels: .node(),
                source: "struct net.list", rise: "containers were started")
        }
    }
}
