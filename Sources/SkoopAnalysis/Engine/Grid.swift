// SPDX-License-Identifier: Apache-2.0

/// The moments at which rules are looked at: those of the snapshots, and where there are none, regular ones.
struct Grid: Sendable {
    /// Step n is what happened after `times[n - 1]` and until `times[n]`; step 0 is only where counting begins.
    let times: [UInt64]
    /// How many of them are snapshots.
    let snapshots: Int
    /// The steps to be analysed.
    let steps: Range<Int>

    /// Distance of the moments where there are no snapshots.
    private static let distance: UInt64 = 15_000_000_000

    init(_ evidence: Evidence, range: ClosedRange<UInt64>) {
        var times = evidence.history.times
        snapshots = times.count
        if times.isEmpty { times = [range.lowerBound - min(range.lowerBound, 1)] }
        // What happened after the last snapshot is known by events.
        while let last = times.last, last < range.upperBound {
            times.append(snapshots > 0 ? range.upperBound : min(last + Self.distance, range.upperBound))
        }
        self.times = times
        let first = max(1, times.firstIndex { $0 > range.lowerBound } ?? times.count)
        let end = times.firstIndex { $0 > range.upperBound } ?? times.count
        steps = first..<max(first, end)
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

    /// How many seconds a window takes.
    func seconds(of window: Range<Int>) -> Double {
        let (from, to) = bounds(of: window)
        return max(Double(to - from) / 1e9, 1e-3)
    }
}
