// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel

// A metric of the catalogue and one of this program's own, for a pod that exists on paper.
let latency = Metric(
    name: "paper_latency_seconds", probe: "paper", kind: .gauge, unit: .seconds, decimals: 3,
    help: "How long paper takes.", source: "this program")
var entities = EntityTable(node: "desk")
let pod = entities.append(
    Entity(kind: .pod, namespace: NamespaceID(rawValue: 7), podNamespace: "default", podName: "web"))
var noPorts = Family(UDPMetric.noports.metric)
noPorts.append(42, for: pod)
var paper = Family(latency)
paper.append(1500, for: pod)

var encoder = SnapshotEncoder()
encoder.begin(
    Snapshot(timestamp: 1_700_000_000_000_000_000, entities: entities, families: [noPorts, paper]), as: .openMetrics)
while let chunk = encoder.next() { print(String(decoding: chunk, as: UTF8.self), terminator: "") }
