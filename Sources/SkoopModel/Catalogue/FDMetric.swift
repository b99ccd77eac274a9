// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// Open files and sockets of the entity's processes: the links in `/proc/<pid>/fd`.
public enum FDMetric: String, MetricSet {
    case openfd, opensocket

    public static let probe = "fd"
    public static let summary = "open files and sockets of each entity's processes"

    public var definition: MetricDefinition {
        switch self {
        case .openfd:
            .gauge(
                "file descriptors that the processes have open", source: "/proc/<pid>/fd",
                rise:
                    "More connections or files are in use. If it never falls again a process leaks descriptors and will "
                    + "reach its limit.",
                correction: "descriptors, as the limit counts them; KubeSkoop counts distinct files of each process")
        case .opensocket:
            .gauge(
                "file descriptors of the processes that are sockets",
                source: "/proc/<pid>/fd, links that begin with socket:",
                rise: "More connections are held. If it never falls again a process does not close its sockets.",
                correction: "descriptors, as the limit counts them; KubeSkoop counts distinct sockets of each process")
        }
    }
}
