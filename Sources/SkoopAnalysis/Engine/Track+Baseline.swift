// SPDX-License-Identifier: Apache-2.0

extension Track {
    /// How many steps a baseline must have.
    private static let leastSteps = 5
    /// How many standard deviations from the median are usual.
    private static let usualDeviations = 4.0

    /// The mean rate or level of a window divided by the median before it; 1 where it differs by less than is usual, nil
    /// where there is no baseline.
    func change(_ window: Range<Int>, _ grid: Grid, floor: Double) -> Double? {
        let before = before(window, grid).sorted()
        guard before.count >= Self.leastSteps else { return nil }
        let median = before[before.count / 2]
        let deviation = before.map { abs($0 - median) }.sorted()[before.count / 2] * 1.4826
        let now: Double
        if case .sums = form {
            now = increase(window) / grid.seconds(of: window)
        } else {
            guard let level = level(window, .mean) else { return nil }
            now = level
        }
        guard abs(now - median) > Self.usualDeviations * deviation else { return 1 }
        return now / max(median, floor)
    }

    /// Whether any window can have changed so much: neither what is measured nor its median is beyond the extremes.
    func canChange(
        _ comparison: Test.Comparison, _ bound: Double, floor: Double, _ window: Range<Int>, _ grid: Grid
    ) -> Bool {
        let all: ClosedRange<Double>?
        if case .sums = form {
            let rates = rates(1..<grid.times.count, grid)
            all = rates.min().flatMap { least in rates.max().map { least...$0 } }
        } else {
            all = extent(0..<grid.times.count)
        }
        guard let all else { return false }
        return comparison.grows
            ? comparison.holds(all.upperBound / max(all.lowerBound, floor), bound) || all.upperBound == 0
            : comparison.holds(all.lowerBound / max(all.upperBound, floor), bound)
    }

    /// The rates or levels of the steps before a window, one by one.
    private func before(_ window: Range<Int>, _ grid: Grid) -> [Double] {
        switch form {
        case .none: []
        case .level(let level): Array(repeating: level, count: window.lowerBound)
        case .levels(let levels): levels[0..<window.lowerBound].filter { !$0.isNaN }
        case .sums: rates(1..<max(1, window.lowerBound), grid)
        }
    }

    private func rates(_ steps: Range<Int>, _ grid: Grid) -> [Double] {
        steps.map { increase($0..<$0 + 1) / grid.seconds(of: $0..<$0 + 1) }
    }
}
