// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What evidence could have shown of each node.
struct Visibility {
    private let evidence: Evidence
    /// By type of event and by probe: the nodes of which there are events.
    private var types: [EventType: Set<String>] = [:]
    private var probes: [String: Set<String>] = [:]

    init(_ evidence: Evidence) {
        self.evidence = evidence
        for key in evidence.log.events.keys {
            let node = evidence.entities[key.entity].node
            types[key.type, default: []].insert(node)
            probes[key.type.probe, default: []].insert(node)
        }
    }

    /// Whether a metric's value is there to be seen of a node, and if not, why.
    func state(of metric: Metric, on node: String) -> ProbeState {
        if let number = evidence.history.number(of: metric), evidence.history.firstSeen[number][node] != nil {
            return .running
        }
        return metrics(of: metric.probe, on: node)
    }

    /// Whether events of a type are there to be seen of a node, and if not, why.
    ///
    /// That a probe's metrics are there says nothing of its events, unless there is a source that would have had them.
    func state(of type: EventType, on node: String) -> ProbeState {
        if types[type]?.contains(node) ?? false { return .running }
        if let known = said(of: EvidenceKey.events(of: type.probe), on: node) { return known }
        if probes[type.probe]?.contains(node) ?? false { return .running }
        return evidence.hasEventSource ? metrics(of: type.probe, on: node) : .unknown
    }

    private func metrics(of probe: String, on node: String) -> ProbeState {
        said(of: probe, on: node) ?? evidence.learnt[node]?[probe] ?? .unknown
    }

    private func said(of key: String, on node: String) -> ProbeState? {
        evidence.probes[EvidenceKey.probe(key, on: node)] ?? evidence.probes[key].flatMap { $0 == .unknown ? nil : $0 }
    }
}
