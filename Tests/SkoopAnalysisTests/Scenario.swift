// SPDX-License-Identifier: Apache-2.0
import SkoopModel

@testable import SkoopAnalysis

/// Evidence made up step by step, for tests of how it is looked at.
struct Scenario {
    static let second: UInt64 = 1_000_000_000
    /// Begins at a round time, in nanoseconds since 1970.
    static let start: UInt64 = 1_700_000_000 * second

    var evidence: Evidence
    var now = Self.start
    var node = "node-1"
    var pods: [String]
    private var values: [Key: UInt64] = [:]
    private var buckets: [Key: [UInt64]] = [:]

    private struct Key: Hashable {
        var metric: Metric
        var pod: String
        var labels: [String]
    }

    init(pods: [String] = ["web"], span: UInt64 = 3600 * second, keeping: Set<Metric>? = nil) {
        self.pods = pods
        evidence = Evidence(span: span, keeping: keeping)
    }

    func entity(_ pod: String) -> Entity {
        pod == node
            ? Entity(kind: .node, namespace: NamespaceID(rawValue: 1))
            : Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_000 + UInt64(pods.firstIndex(of: pod) ?? 99)),
                podNamespace: "default", podName: pod)
    }

    /// Sets a value that the following snapshots have.
    mutating func set(_ metric: some MetricSet, _ value: UInt64, _ pod: String = "web", labels: [String] = []) {
        values[Key(metric: metric.metric, pod: pod, labels: labels)] = value
    }

    /// Adds to a value.
    mutating func add(_ metric: some MetricSet, _ more: UInt64 = 1, _ pod: String = "web", labels: [String] = []) {
        values[Key(metric: metric.metric, pod: pod, labels: labels), default: 0] += more
    }

    /// Adds observations to the bucket of a histogram in which so many microseconds are.
    mutating func observe(
        _ metric: some MetricSet, microseconds: UInt64, times: UInt64 = 1, _ pod: String = "web", labels: [String] = []
    ) {
        let bounds = metric.metric.buckets?.bounds ?? []
        let bucket = bounds.firstIndex { microseconds * 1000 < $0 } ?? bounds.count
        let key = Key(metric: metric.metric, pod: pod, labels: labels)
        buckets[key, default: Array(repeating: 0, count: bounds.count + 1)][bucket] += times
        values[key, default: 0] += microseconds * 1000 * times
    }

    /// Forgets a series, as if its pod or probe had gone.
    mutating func forget(_ metric: some MetricSet, _ pod: String = "web") {
        values = values.filter { $0.key.metric != metric.metric || $0.key.pod != pod }
    }

    /// Some time goes by, then a snapshot is taken.
    mutating func snapshot(after seconds: UInt64 = 15) {
        now += seconds * Self.second
        var table = EntityTable(node: node, nodeEntity: entity(node))
        var positions = [node: EntityTable.nodeIndex]
        for pod in pods { positions[pod] = table.append(entity(pod)) }
        var families: [Metric: Family] = [:]
        for (key, value) in values {
            guard let position = positions[key.pod] else { continue }
            if let counts = buckets[key] {
                families[key.metric, default: Family(key.metric)].append(
                    sum: value, counts: counts, for: position, labels: key.labels)
            } else {
                families[key.metric, default: Family(key.metric)].append(value, for: position, labels: key.labels)
            }
        }
        evidence.add(Snapshot(timestamp: now, entities: table, families: Array(families.values)))
    }

    /// An event now.
    mutating func happen(
        _ event: some EventSet, _ pod: String = "web", count: UInt64 = 1, to port: UInt16 = 80,
        source: Peer = .unknown, destination: Peer = .unknown, values: [EventValue?] = []
    ) {
        var happened = Event(
            type: event.type, timestamp: now, node: node, entity: entity(pod),
            tuple: PacketTuple(
                protocolNumber: 6, source: .init(IPAddress(v4: 0x0a00_0001), port: 40000),
                destination: .init(IPAddress(v4: 0x0a00_0002), port: port)),
            source: source, destination: destination, values: values)
        happened.count = count
        evidence.add(happened)
    }
}
