// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// All counters of one entity that move, and its levels.
public struct TopDetail: Sendable {
    /// A series.
    public struct Line: Sendable, Hashable {
        /// The metric's name and its extra labels: `skoop_packet_drops_total{reason="NO_SOCKET"}`.
        public var name: String
        /// The value, or of a histogram the mean of the last observations.
        public var value: String
        /// Growth in a second; nil of a level, and where it cannot be known.
        public var rate: Double?
        /// Growth since the first reading; nil of a level, and where it cannot be known.
        public var growth: UInt64?
    }

    /// Counters that have grown since the first reading, by name.
    public private(set) var counters: [Line] = []
    /// Levels other than 0, by name.
    public private(set) var levels: [Line] = []

    /// Looks at one entity.
    ///
    /// - Parameters:
    ///   - entity: whose numbers.
    ///   - now: the latest reading.
    ///   - before: the one before; nil for none.
    ///   - first: the first one in which it was.
    public init(of entity: TopEntity, _ now: TopReading, after before: TopReading?, since first: TopReading) {
        let numbers = now.numbers(only: entity)
        let old = before.flatMap { $0.moment < now.moment ? $0.numbers(only: entity) : nil }
        let oldest = first.numbers(only: entity)
        let seconds = before.map { Double(now.moment - min($0.moment, now.moment)) / 1e9 } ?? 1
        for (metric, rows) in numbers.rows {
            guard case .entity = metric.labels else { continue }
            for (labels, row) in rows[entity] ?? [:] {
                let name = Self.name(metric, labels)
                guard metric.kind != .gauge else {
                    if row.value > 0 { levels.append(Line(name: name, value: Self.text(row.value, metric))) }
                    continue
                }
                let isLabelled = !labels.isEmpty
                func growth(after other: TopNumbers?) -> TopGrowth? {
                    guard let other, !other.entities.isEmpty else { return nil }
                    return TopGrowth(row, after: other.rows[metric]?[entity]?[labels], isLabelled: isLabelled)
                }
                let all = growth(after: oldest)
                guard let all, all.value > 0 || all.observations > 0 else { continue }
                let step = growth(after: old)
                if metric.kind == .histogram {
                    let last = step.flatMap { $0.observations > 0 ? $0 : nil } ?? all
                    let mean = Double(last.value) / Double(max(1, last.observations)) / pow10(metric.decimals)
                    counters.append(
                        Line(
                            name: name, value: "mean \(TopNumber.text(seconds: mean))",
                            rate: step.map { Double($0.observations) / seconds }, growth: all.observations))
                } else {
                    counters.append(
                        Line(
                            name: name, value: Self.text(row.value, metric),
                            rate: step.map { Double($0.value) / pow10(metric.decimals) / seconds },
                            growth: metric.decimals == 0 ? all.value : nil))
                }
            }
        }
        counters.sort { $0.name < $1.name }
        levels.sort { $0.name < $1.name }
    }

    private static func name(_ metric: Metric, _ labels: [String]) -> String {
        guard !labels.isEmpty else { return metric.name }
        let pairs = zip(metric.labels.extra, labels).filter { !$1.isEmpty }.map { "\($0)=\"\($1)\"" }
        return "\(metric.name){\(pairs.joined(separator: ","))}"
    }

    private static func text(_ value: UInt64, _ metric: Metric) -> String {
        metric.decimals == 0 ? "\(value)" : TopNumber.text(Double(value) / pow10(metric.decimals))
    }
}

/// Ten to the power of a small number.
private func pow10(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { result, _ in result * 10 } }
