// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import SkoopProbes

// TCP counters and sockets of every network namespace on this host, read in one pass. Needs root.
var reader = SnapshotReader(probes: ["tcp", "tcpsummary"])
let snapshot = try reader.read()

for family in snapshot.families where family.metric == TCPMetric.retranssegs.metric {
    for (entity, segments) in zip(family.entities, family.values) {
        let owner = snapshot.entities.entities[Int(entity)]
        print(owner.kind == .node ? "the node" : owner.podName, "retransmitted", segments, "segments")
    }
}
// Or all of it, as a scraper wants it: .prometheus, .openMetrics or .json.
var encoder = SnapshotEncoder()
encoder.encode(snapshot, as: .openMetrics) { print(String(decoding: $0, as: UTF8.self), terminator: "") }
