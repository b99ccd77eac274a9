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
        from own: UInt16 = 40000,
        source: Peer = .unknown, destination: Peer = .unknown, values: [EventValue?] = []
    ) {
        var happened = Event(
            type: event.type, timestamp: now, node: node, entity: entity(pod),
            tuple: PacketTuple(
                protocolNumber: 6, source: .init(IPAddress(v4: 0x0a00_0001), port: own),
                destination: .init(IPAddress(v4: 0x0a00_0002), port: port)),
            source: source, destination: destination, values: values)
        happened.count = count
        evidence.add(happened)
    }
}

extension Scenario {
    /// What is found of two pods that talk to each other, in whose last three intervals something happens besides.
    ///
    /// - Parameters:
    ///   - opened: how many connections the first one opens in an interval.
    ///   - taken: how many it takes.
    ///   - before: what is so from the beginning.
    ///   - probes: those at work; nil where all are.
    static func findings(
        opened: UInt64 = 20, taken: UInt64 = 20, probes: Set<String>? = nil,
        before: (inout Scenario) -> Void = { _ in },
        _ happens: (inout Scenario) -> Void
    ) -> [Finding] {
        var scenario = Scenario(pods: ["web", "db"])
        let all = probes ?? Set(Catalogue.metrics.map(\.probe))
        for probe in all {
            scenario.set(SelfMetric.probeSuccess, 1, scenario.node, labels: [probe])
            scenario.evidence.probes[probe] = .running
            scenario.evidence.probes[EvidenceKey.events(of: probe)] = .running
        }
        for pod in ["web", "db"] {
            scenario.zero(TCPExtMetric.self, pod)
            scenario.zero(TCPExtExtraMetric.self, pod)
            scenario.zero(TCPMetric.self, pod)
            scenario.zero(NetdevMetric.self, pod)
        }
        before(&scenario)
        for step in 0..<13 {
            for pod in ["web", "db"] {
                scenario.add(TCPMetric.activeopens, pod == "web" ? opened : 20, pod)
                scenario.add(TCPMetric.passiveopens, pod == "web" ? taken : 20, pod)
                scenario.add(TCPMetric.outsegs, 2000, pod)
                scenario.add(NetdevMetric.rxpackets, 2000, pod)
                scenario.add(UDPMetric.outdatagrams, 30, pod)
                scenario.add(UDPMetric.indatagrams, 30, pod)
            }
            scenario.add(SoftnetMetric.processed, 9000, scenario.node)
            if step >= 10 { happens(&scenario) }
            scenario.snapshot()
        }
        return Analyzer().analyze(scenario.evidence).findings
    }
}
