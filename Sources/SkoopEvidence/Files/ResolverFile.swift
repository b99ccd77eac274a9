// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopModel

/// A pod's `/etc/resolv.conf`: optional evidence, added after all other.
public struct ResolverFile: EvidenceSource {
    private let owner: EvidenceOwner

    /// It adds to the evidence of others.
    public var time: EvidenceTime { .added }

    /// Makes a source.
    ///
    /// - Parameter place: `[NAMESPACE/POD=]FILE`; without a pod it is that of every pod in the evidence.
    public init(_ place: String) { owner = EvidenceOwner(place) }

    /// Sources of several files; see ``init(_:)``.
    public static func sources(_ places: [String]) -> [any EvidenceSource] { places.map { ResolverFile($0) } }

    /// Adds what the file says, as if it had said so all the time.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        let file = try WholeFile(owner.path)
        let configuration = ResolverConfiguration(parsing: file.bytes)
        let time = evidence.range?.lowerBound ?? file.changed
        for (node, entities) in Dictionary(grouping: owner.entities(in: evidence), by: \.node) {
            var table = EntityTable(node: node)
            var families: [ResolverMetric: Family] = [:]
            for one in entities { configuration.append(to: &families, for: table.append(one.entity)) }
            evidence.overlay([Snapshot(timestamp: time, entities: table, families: Array(families.values))])
        }
        evidence.probes[ResolverMetric.probe] = .running
    }
}
