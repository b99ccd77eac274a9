// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel

/// The label `k8s_container` of what is counted per process, where the argument `containerLabel` asks for it.
struct ContainerLabel: Sendable {
    /// The argument.
    static let argument = ProbeArgument(
        "containerLabel", .bool,
        help: "a row for each container of a pod, with the label k8s_container, instead of one for the pod")

    /// Whether rows are told apart by it.
    let isWanted: Bool

    init(_ environment: ProbeEnvironment) { isWanted = environment.flag(Self.argument.name) }

    /// The metric with the label, or as it is.
    func metric(_ metric: Metric) -> Metric {
        guard isWanted else { return metric }
        var metric = metric
        metric.labels = .entity(extra: metric.labels.extra + ["k8s_container"])
        return metric
    }

    /// Adds a row.
    func append(_ value: UInt64, for entity: EntityTable.Index, container: String, to family: inout Family) {
        family.append(value, for: entity, labels: isWanted ? [container] : [])
    }

    /// The container of a process of the inventory, by its position; nil where it is not known, or not yet, and always empty where nobody
    /// wants to know.
    func container(ofProcess position: Int, _ census: Census) -> String? {
        isWanted && position < census.containerOfProcess.count ? census.containerOfProcess[position] : ""
    }

    /// The container of a control group that a birth told of; nil where it is not known, or not yet.
    func container(of groups: NamespaceBirth.Groups, _ census: Census) -> String? {
        isWanted ? census.containerOfGroups[groups] : ""
    }
}
