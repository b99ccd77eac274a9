// SPDX-License-Identifier: Apache-2.0

/// The moments at which rules are looked at: those of the snapshots, and where there are none, regular ones.
struct Grid: Sendable {
    /// Step n is what happened after `times[n - 1]` and until `times[n]`; step 0 is only where counting begins.
    let times: [UInt64]
    /// How many of them are snapshots.
    let snapshots: Int
    /// The steps to be analysed.
    let steps: Range<Int>

    /// How far apart the moments are where there are no snapshots, in nanoseconds.
    let distance: UInt64
    /// What that is at least, and how many there are at most.
    static let leastDistance: UInt64 = 15_000_000_000
    private static let mostMoments: UInt64 = 20_000

    init(_ evidence: Evidence, range: ClosedRange<UInt64>) {
        var times = evidence.history.times
        snapshots = times.count
        if times.isEmpty { times = [range.lowerBound - min(range.lowerBound, 1)] }
        let length = range.upperBound - range.lowerBound
        distance = max(Self.leastDistance, length / Self.mostMoments)
        // What happened after the last snapshot is known by events.
        while let last = times.last, last < range.upperBound {
            let isNear = snapshots > 0 || range.upperBound - last <= distance
            times.append(isNear ? range.upperBound : last + distance)
        }
        self.times = times
        let first = max(1, times.firstIndex { $0 > range.lowerBound } ?? times.count)
        let end = times.firstIndex { $0 > range.upperBound } ?? times.count
        steps = first..<max(first, end)
    }

    /// What is not looked at as closely as it should be, in words.
    var gaps: [String] {
        guard snapshots == 0, distance > Self.leastDistance else { return [] }
        return ["the events span so long a time that they are looked at in steps of \(distance / 1_000_000_000) s"]
    }

    /// The steps of a window that ends with each step: at least the step itself.
    func windows(of seconds: Double) -> [Range<Int>] {
        let length = UInt64(seconds * 1e9)
        var start = 1
        return steps.map { step in
            let begin = times[step] - min(times[step], length)
            while start < step, times[start] <= begin || start < steps.lowerBound { start += 1 }
            return start..<step + 1
        }
    }

    /// The time a window takes, in nanoseconds.
    func bounds(of window: Range<Int>) -> (from: UInt64, to: UInt64) {
        (times[window.lowerBound - 1], times[window.upperBound - 1])
    }

    /// How many seconds a window takes, for a node that was there at some steps only.
    func seconds(of window: Range<Int>, _ steps: NodeSteps?) -> Double {
        guard let steps else {
            let (from, to) = bounds(of: window)
            return max(Double(to - from) / 1e9, 1e-3)
        }
        let (from, to) = (times[steps.last(window.lowerBound - 1)], times[steps.last(window.upperBound - 1)])
        return max(Double(to - from) / 1e9, 1e-3)
    }
}
