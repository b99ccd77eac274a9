// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What the lines of some time add up to.
struct AccessTally {
    /// Observations by size.
    private struct Sizes {
        var sum: UInt64 = 0
        var counts = [UInt64](repeating: 0, count: AccessTally.bounds.count + 1)

        mutating func add(_ value: UInt64) {
            sum &+= value
            counts[AccessTally.bounds.firstIndex { value < $0 } ?? AccessTally.bounds.count] += 1
        }

        mutating func add(_ other: Sizes) {
            sum &+= other.sum
            for position in counts.indices { counts[position] += other.counts[position] }
        }
    }

    private static let bounds = HistogramBuckets.log2Microseconds.bounds

    private var sizes: [AccessMetric: [[String]: Sizes]] = [:]
    private var counts: [AccessMetric: [[String]: UInt64]] = [:]

    mutating func add(_ line: AccessLine) {
        add(.requests, line.requestTime ?? 0, [line.status, line.reach.rawValue])
        if let connect = line.connectTime {
            add(.upstream, connect, ["connect"])
            if let header = line.headerTime { add(.upstream, header - min(header, connect), ["header"]) }
        } else if let header = line.headerTime {
            add(.upstream, header, ["header"])
        }
        if let header = line.headerTime, let response = line.responseTime {
            add(.upstream, response - min(header, response), ["body"])
        } else if let response = line.responseTime, line.reach == .answered {
            // Formats without the header's time have the whole only.
            add(.upstream, response, ["header"])
        }
        if let request = line.requestTime, let response = line.allResponseTimes {
            add(.own, request - min(request, response), [])
        }
        for (limit, result) in line.limits { counts[.limited, default: [:]][[limit, result], default: 0] += 1 }
        if line.isOversized { counts[.oversized, default: [:]][[], default: 0] += 1 }
    }

    mutating func addMalformed() { counts[.malformed, default: [:]][[], default: 0] += 1 }

    private mutating func add(_ metric: AccessMetric, _ value: UInt64, _ labels: [String]) {
        sizes[metric, default: [:]][labels, default: Sizes()].add(value)
    }

    mutating func add(_ other: AccessTally) {
        for (metric, rows) in other.sizes {
            for (labels, row) in rows { sizes[metric, default: [:]][labels, default: Sizes()].add(row) }
        }
        for (metric, rows) in other.counts {
            for (labels, count) in rows { counts[metric, default: [:]][labels, default: 0] += count }
        }
    }

    /// A family for each metric, also for those of which there is nothing.
    func families(for entity: EntityTable.Index) -> [Family] {
        AccessMetric.allCases.map { metric in
            var family = Family(metric.metric)
            for (labels, row) in (sizes[metric] ?? [:]).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                family.append(sum: row.sum, counts: row.counts, for: entity, labels: labels)
            }
            for (labels, count) in (counts[metric] ?? [:]).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                family.append(count, for: entity, labels: labels)
            }
            return family
        }
    }
}
