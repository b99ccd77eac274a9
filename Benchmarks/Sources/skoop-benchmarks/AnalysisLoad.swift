// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import SkoopProbes

/// What an agent with many pods sees in an hour: every metric of some probes, with the labels and buckets that it has, and
/// events.
///
/// Every other pod is busy: its traffic changes with each snapshot. Every twentieth is in trouble besides: a sixth of
/// everything else that is counted of it rises too, its slow buckets fill, and half of the events are its own.
struct AnalysisLoad {
    static let pods = 500
    /// Seconds between snapshots, as an agent takes them.
    static let interval: UInt64 = 15
    /// As many as an agent keeps.
    static let events = 5000
    static let start: UInt64 = 1_700_000_000_000_000_000

    /// The probes that are on, for metrics and for events.
    let title: String
    /// Whether they are those that are on when nobody says which.
    let isDefault: Bool
    private let metrics: [Metric]
    private let types: [EventType]
    private let table: EntityTable
    /// By metric: the values of its extra labels, those first that no rule asks for.
    private let labels: [[[String]]]
    /// By metric: whether it counts what is done rather than what goes wrong, and how many label sets no rule asks for.
    private let isTraffic: [Bool]
    private let common: [Int]
    private static let traffic = [
        "bytes", "packets", "segs", "datagrams", "opens", "syscall", "established", "processed", "queries", "responses",
        "periods", "inuse", "queue", "delivers", "requests", "received", "sent", "seconds", "total_connections",
    ]

    init(_ title: String, metrics: Set<String>, events: Set<String>, _ rules: [Rule]) {
        self.title = title
        isDefault = metrics == Set(ProbeRegistry.defaultNames)
        self.metrics = Catalogue.metrics.filter { metrics.contains($0.probe) }
        types = Catalogue.events.filter { events.contains($0.probe) }
        var table = EntityTable(node: "node")
        for pod in 0..<Self.pods {
            table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: UInt64(1000 + pod)), podNamespace: "default",
                    podName: "pod-\(pod)"))
        }
        self.table = table
        let filters = rules.flatMap { $0.tests.flatMap(\.quantity.measures) }
        var labels: [[[String]]] = []
        var common: [Int] = []
        for metric in self.metrics {
            let sets = Self.sets(of: metric, filters.filter { $0.metrics.contains(metric) })
            labels.append(sets)
            common.append(min(metric.buckets == nil ? 4 : 2, sets.count))
        }
        (self.labels, self.common) = (labels, common)
        isTraffic = self.metrics.map { metric in Self.traffic.contains { metric.name.contains($0) } }
    }

    /// Four sets that no rule asks for, of histograms two, then up to four that one does.
    private static func sets(of metric: Metric, _ measures: [Measure]) -> [[String]] {
        let names = metric.labels.extra
        guard !names.isEmpty else { return [[]] }
        let usual = (0..<(metric.buckets == nil ? 4 : 2)).map { number in names.map { "\($0)-\(number)" } }
        let asked = names.map { name in
            Array(Set(measures.flatMap { $0.filters.filter { $0.name == name }.flatMap(\.values) })).sorted()
        }
        let count = min(4, asked.map(\.count).max() ?? 0)
        return usual
            + (0..<count).map { number in
                asked.enumerated().map { $1.isEmpty ? "\(names[$0])-0" : $1[number % $1.count] }
            }
    }

    var seriesCount: Int {
        metrics.indices.reduce(0) { count, place in
            let rows = labels[place].count * (isOfPods(metrics[place]) ? Self.pods + 1 : 1)
            return count + rows * (metrics[place].buckets == nil ? 1 : 1 + Self.slots)
        }
    }

    /// How many buckets of a histogram have anything.
    private static let slots = 8

    private func isOfPods(_ metric: Metric) -> Bool {
        if case .entity = metric.labels { return true }
        return false
    }

    /// What is seen at a step.
    func snapshot(_ step: Int, _ numbers: inout any RandomNumberGenerator) -> Snapshot {
        let families = metrics.indices.map { place in
            let metric = metrics[place]
            var family = Family(metric, reserving: Self.pods + 1)
            for entity in 0...(isOfPods(metric) ? Self.pods : 0) {
                let isBusy = entity % 2 == 0
                for (number, labels) in labels[place].enumerated() {
                    let changes =
                        isBusy && isTraffic[place] && number < common[place]
                        || entity % 20 == 0 && (place + number + entity / 20) % 6 == 0
                    let value = UInt64(changes ? step * (entity % 7 + 1) * 10 : 5)
                    let index = EntityTable.Index(entity)
                    if let buckets = metric.buckets {
                        let counts = counts(buckets.width, value, isSlow: entity % 20 == 0)
                        family.append(sum: value * 1000, counts: counts, for: index, labels: labels)
                    } else if metric.kind == .counter {
                        family.append(value, for: index, labels: labels)
                    } else {
                        let level = changes ? UInt64.random(in: 100...120, using: &numbers) : 5
                        family.append(level, for: index, labels: labels)
                    }
                }
            }
            return family
        }
        return Snapshot(timestamp: time(of: step), entities: table, families: families)
    }

    /// Most is fast; of who is in trouble a little is slow.
    private func counts(_ width: Int, _ value: UInt64, isSlow: Bool) -> [UInt64] {
        var counts = [UInt64](repeating: 0, count: width)
        for slot in 0..<Self.slots {
            let place = width * (slot + 4) / (Self.slots + 6)
            let isFast = slot < 3
            counts[min(place, width - 1)] = isFast ? value >> UInt64(slot) : isSlow ? value / 100 + 1 : 1
        }
        return counts
    }

    func time(of step: Int) -> UInt64 { Self.start + UInt64(step) * Self.interval * 1_000_000_000 }

    /// What happens up to a step, of so many.
    func events(_ step: Int, of steps: Int) -> [Event] {
        guard step > 0, !types.isEmpty else { return [] }
        return (Self.events * (step - 1) / steps..<Self.events * step / steps).map { number in
            let pod = number % 2 == 0 ? 1 + number * 7 % Self.pods : 20 * (1 + number % (Self.pods / 20 - 1))
            let type = types[number % types.count]
            return Event(
                type: type, timestamp: time(of: step) - UInt64(number % 15) * 1_000_000_000, node: "node",
                entity: table.entities[pod],
                tuple: PacketTuple(
                    protocolNumber: 6,
                    source: .init(IPAddress(v4: 0x0a00_0000 + UInt32(pod)), port: UInt16(32_768 + number % 20_000)),
                    destination: .init(IPAddress(v4: 0x0a00_0002), port: 80)),
                process: EventProcess(pid: Int32(1000 + pod), thread: Int32(1000 + pod), command: "server"),
                values: type.fields.map { Self.value($0.form, number) }, message: "")
        }
    }

    private static func value(_ form: EventField.Form, _ number: Int) -> EventValue {
        switch form {
        case .string: .string("value-\(number % 5)")
        case .integer: .integer(Int64(number % 1500))
        case .duration: .duration(UInt64(number % 300) * 1_000_000)
        case .flag: .flag(number % 2 == 0)
        case .list: .list(["tcp_v4_rcv+0x1a", "ip_local_deliver_finish+0x2b"])
        }
    }
}
