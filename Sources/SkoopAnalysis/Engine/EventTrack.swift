// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// How often the events of a query happened to one entity, by time.
struct EventTrack: Sendable {
    private var times: [UInt64] = []
    /// How many happened before each of the times.
    private var sums: [UInt64] = [0]

    init(_ query: EventQuery, _ entity: EntityRegistry.Number, _ log: EventLog) {
        var moments: [(time: UInt64, count: UInt64)] = []
        for type in query.types {
            for event in log.events(of: type, entity: entity) where query.allows(event) {
                moments.append((event.timestamp, 1))
                if event.count > 1 { moments.append((event.lastTimestamp, event.count - 1)) }
            }
        }
        moments.sort { $0.time < $1.time }
        times = moments.map(\.time)
        for moment in moments { sums.append((sums.last ?? 0).addingWithoutOverflow(moment.count)) }
    }

    /// How many happened after one time and until another.
    func count(after from: UInt64, until to: UInt64) -> Double {
        Double(sums[index(after: to)] - sums[index(after: from)])
    }

    /// The most that happened in any part, so many seconds long, of a time.
    func most(within seconds: Double, after from: UInt64, until to: UInt64) -> Double {
        let (first, end) = (index(after: from), index(after: to))
        var most: UInt64 = 0
        var start = first
        for last in first..<end {
            while Double(times[last] - times[start]) / 1e9 > seconds { start += 1 }
            most = max(most, sums[last + 1] - sums[start])
        }
        return Double(most)
    }

    /// The seconds between the first and the last that happened after one time and until another.
    func duration(after from: UInt64, until to: UInt64) -> Double {
        let (first, end) = (index(after: from), index(after: to))
        return first < end ? Double(times[end - 1] - times[first]) / 1e9 : 0
    }

    /// The position of the first that happened after a time.
    private func index(after time: UInt64) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension UInt64 {
    /// The sum, or the largest number where that is too small: whoever makes events up must not stop the analysis.
    func addingWithoutOverflow(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
