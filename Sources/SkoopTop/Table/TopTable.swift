// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// The rates between two readings, a row for each entity.
public struct TopTable: Sendable {
    /// A row.
    public struct Row: Sendable {
        /// Whose.
        public var entity: TopEntity
        /// A number for each of ``TopColumn/all``; nil where there is none.
        public var numbers: [Double?]
        /// What was found of it, the most urgent first.
        public var findings: [TopFinding]
    }

    /// The rows, nodes first, then by name.
    public private(set) var rows: [Row] = []
    /// The seconds between the readings; nil of a first reading, which has levels only.
    public private(set) var seconds: Double?
    /// When the later reading was, in nanoseconds since 1970; 0 before the first.
    public private(set) var time: UInt64 = 0
    /// Whether anybody looks for causes.
    public private(set) var hasFindings = false

    /// A table before the first reading.
    public init() {}

    /// Makes the table of a reading.
    ///
    /// - Parameters:
    ///   - now: the reading.
    ///   - before: the one before; nil for none.
    public init(_ now: TopReading, after before: TopReading?) {
        let metrics = TopColumn.metrics
        let new = now.numbers(of: metrics)
        let old = before.flatMap { $0.moment < now.moment ? $0 : nil }
        let earlier = old?.numbers(of: metrics)
        seconds = old.map { Double(now.moment - $0.moment) / 1e9 }
        time = now.time
        hasFindings = now.findings != nil
        let findings = Dictionary(grouping: now.findings ?? [], by: \.entity)
        // Somebody of whom something was found may have gone.
        rows = new.entities.sorted().map { entity in
            Row(
                entity: entity,
                numbers: TopColumn.all.map { $0.value(of: entity, new, after: earlier, seconds ?? 1) },
                findings: (findings[entity] ?? []).sorted { $0.comes(before: $1) })
        }
    }

    /// What is sorted by.
    public enum Order: Sendable, Hashable {
        /// By name, from a to z.
        case name
        /// By a column, given by its position, the largest first.
        case column(Int)
        /// By findings, the most urgent first.
        case finding

        /// All, from left to right.
        public static var all: [Order] { [.name] + TopColumn.all.indices.map { .column($0) } + [.finding] }
    }

    /// The rows that a filter lets through, in an order. What has no number comes last, whatever the direction.
    public func rows(by order: Order, isReversed: Bool = false, _ filter: TopFilter = TopFilter("")) -> [Row] {
        let shown = rows.filter { filter.accepts($0) }
        switch order {
        case .name:
            return isReversed ? shown.reversed() : shown
        case .column(let position):
            let known = shown.filter { $0.numbers[position] != nil }
            // Equal ones keep the order of names in both directions.
            let sorted = known.enumerated().sorted { one, other in
                let (left, right) = (one.element.numbers[position] ?? 0, other.element.numbers[position] ?? 0)
                if left == right { return one.offset < other.offset }
                return isReversed ? left < right : left > right
            }
            return sorted.map(\.element) + shown.filter { $0.numbers[position] == nil }
        case .finding:
            let sorted = shown.enumerated().sorted { one, other in
                guard let left = one.element.findings.first else { return false }
                guard let right = other.element.findings.first else { return true }
                if left == right { return one.offset < other.offset }
                return isReversed ? right.comes(before: left) : left.comes(before: right)
            }.map(\.element)
            return sorted.filter { !$0.findings.isEmpty } + shown.filter(\.findings.isEmpty)
        }
    }
}
