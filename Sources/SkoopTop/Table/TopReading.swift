// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// What was read at one moment: the counters of all entities, and what was found.
public struct TopReading: Sendable {
    /// When, in nanoseconds of a clock that never jumps.
    public var moment: UInt64
    /// When, in nanoseconds since 1970.
    public var time: UInt64
    /// The counters, by node.
    public var snapshots: [Snapshot]
    /// The probes that yield metrics; nil where that is not known.
    public var probes: Set<String>?
    /// What was found so far; nil where nobody looks for causes.
    public var findings: [TopFinding]?

    /// Makes a reading; see the properties for the meaning of each argument.
    public init(
        moment: UInt64, time: UInt64, snapshots: [Snapshot], probes: Set<String>? = nil, findings: [TopFinding]? = nil
    ) {
        self.moment = moment
        self.time = time
        self.snapshots = snapshots
        self.probes = probes
        self.findings = findings
    }

    /// The numbers of some metrics by entity.
    ///
    /// - Parameters:
    ///   - wanted: which metrics; nil for all.
    ///   - only: whose; nil for everybody's.
    func numbers(of wanted: Set<Metric>? = nil, only: TopEntity? = nil) -> TopNumbers {
        var numbers = TopNumbers(probes: probes)
        for snapshot in snapshots {
            let entities = snapshot.entities.entities.map { TopEntity($0, of: snapshot.entities.node) }
            for family in snapshot.families {
                guard wanted?.contains(family.metric) ?? true else { continue }
                numbers.add(family, entities, only)
            }
        }
        return numbers
    }
}

/// Numbers of one moment, each found by metric, entity and labels.
struct TopNumbers: Sendable {
    /// A number, and of a histogram how many observations it is the sum of.
    struct Value: Sendable, Hashable {
        var value: UInt64
        var observations: UInt64 = 0
    }

    /// The rows of a metric, by entity and the values of its extra labels.
    typealias Rows = [TopEntity: [[String]: Value]]

    private(set) var rows: [Metric: Rows] = [:]
    /// Whoever has a number of what is counted by entity.
    private(set) var entities: Set<TopEntity> = []
    private let probes: Set<String>?

    init(probes: Set<String>?) { self.probes = probes }

    /// Whether a metric is measured, so that no number means none.
    func measures(_ metric: Metric) -> Bool { probes?.contains(metric.probe) ?? (rows[metric] != nil) }

    mutating func add(_ family: Family, _ table: [TopEntity], _ only: TopEntity?) {
        var isByEntity = false
        if case .entity = family.metric.labels { isByEntity = true }
        var own = rows[family.metric] ?? [:]
        for row in 0..<family.count {
            let position = Int(family.entities[row])
            guard table.indices.contains(position) else { continue }
            let entity = table[position]
            if let only, entity != only { continue }
            if isByEntity { entities.insert(entity) }
            var value = Value(value: family.values[row])
            if family.metric.kind == .histogram { value.observations = family.bucketCounts(of: row).reduce(0, +) }
            own[entity, default: [:]][Array(family.labels(of: row))] = value
        }
        rows[family.metric] = own
    }
}
