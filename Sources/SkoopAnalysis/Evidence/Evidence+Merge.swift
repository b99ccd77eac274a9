// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension Evidence {
    /// Puts evidence from several places together, each of whatever time.
    ///
    /// Two that tell of the same metrics, node and time do not tell the same at each moment: counters of both together
    /// would fall and rise. Those of the first count, and a gap says that there were others.
    ///
    /// - Parameter parts: what is put together; bounds are those of the first with metrics.
    public init(merging parts: [Evidence]) {
        let withMetrics = parts.indices.filter { !parts[$0].times.isEmpty }
        let base = withMetrics.first ?? 0
        self = parts.isEmpty ? Evidence() : parts[base]
        gaps = parts.flatMap(\.gaps)
        hasEventSource = parts.contains { $0.hasEventSource }
        for part in parts {
            probes.merge(part.probes) { $1 == .running ? $1 : $0 }
            for (node, states) in part.learnt {
                learnt[node, default: [:]].merge(states) { $1 == .running ? $1 : $0 }
            }
        }
        if withMetrics.count > 1 {
            var merging = SnapshotMerging()
            for position in withMetrics { merging.add(parts[position]) }
            (registry, history) = (EntityRegistry(), History(span: history.span, keeping: history.kept))
            for snapshot in merging.snapshots.sorted(by: { $0.timestamp < $1.timestamp }) {
                history.append(snapshot, in: &registry)
            }
            log = EventLog(limit: log.limit)
            for event in parts[base].events { log.append(event, in: &registry) }
            for (node, count) in merging.repeated.sorted(by: { $0.key < $1.key }) {
                gaps.append(
                    "\(node): "
                        + counted(
                            count, "metric comes from two sources; that of the first one counts",
                            "metrics come from two sources; those of the first one count"))
            }
        }
        for position in parts.indices where position != base {
            for event in parts[position].events { log.append(event, in: &registry) }
        }
    }
}

/// The snapshots of several evidences, without what an earlier one tells too.
private struct SnapshotMerging {
    private struct Key: Hashable {
        var node: String
        var metric: Metric
    }

    private(set) var snapshots: [Snapshot] = []
    /// How many metrics of a node were left out.
    private(set) var repeated: [String: Int] = [:]
    private var taken: [Key: [ClosedRange<UInt64>]] = [:]

    mutating func add(_ part: Evidence) {
        var own: [Snapshot] = []
        part.forEachSnapshot { own.append($0) }
        var ranges: [Key: ClosedRange<UInt64>] = [:]
        for snapshot in own {
            for family in snapshot.families {
                let key = Key(node: snapshot.entities.node, metric: family.metric)
                ranges[key] = (ranges[key]?.lowerBound ?? snapshot.timestamp)...snapshot.timestamp
            }
        }
        for (key, range) in ranges {
            if taken[key, default: []].contains(where: { $0.overlaps(range) }) {
                ranges[key] = nil
                repeated[key.node, default: 0] += 1
            } else {
                taken[key, default: []].append(range)
            }
        }
        for var snapshot in own {
            let node = snapshot.entities.node
            snapshot.families.removeAll { ranges[Key(node: node, metric: $0.metric)] == nil }
            if !snapshot.families.isEmpty { snapshots.append(snapshot) }
        }
    }
}
