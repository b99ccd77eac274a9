// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel

/// Whose a file is, as a command line says it: `[NAMESPACE/POD=]FILE`.
struct EvidenceOwner: Sendable {
    /// The namespace and the name of a pod; nil where none is said.
    var pod: (namespace: String, name: String)?
    /// The file.
    var path: String

    init(_ place: String) {
        path = place
        guard let sign = place.firstIndex(of: "=") else { return }
        let parts = place[..<sign].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts.contains(where: \.isEmpty), parts[0] != "." else { return }
        pod = (String(parts[0]), String(parts[1]))
        path = String(place[place.index(after: sign)...])
    }

    /// The entities that are meant: the pod that is named, where it was seen under its own number; without a name, all that
    /// are in the evidence and no nodes.
    func entities(in evidence: Evidence) -> [AnalysedEntity] {
        let others = evidence.entities.filter { $0.entity.kind != .node }
        guard let pod else { return others }
        let known = others.filter { $0.entity.podNamespace == pod.namespace && $0.entity.podName == pod.name }
        let nodes = Set(evidence.entities.map(\.node))
        let stranger = AnalysedEntity(
            node: nodes.count == 1 ? nodes.first ?? "" : "",
            entity: Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 0), podNamespace: pod.namespace, podName: pod.name))
        return known.last.map { [$0] } ?? [stranger]
    }

    /// The one entity that is meant: where none is named and there are several, the node, or somebody unnamed.
    func entity(in evidence: Evidence) -> AnalysedEntity {
        let entities = entities(in: evidence)
        if entities.count == 1 { return entities[0] }
        return evidence.entities.first { $0.entity.kind == .node }
            ?? AnalysedEntity(node: "", entity: Entity(kind: .node, namespace: NamespaceID(rawValue: 0)))
    }
}
