// SPDX-License-Identifier: Apache-2.0

extension Track {
    /// How many steps a baseline must have.
    static let leastSteps = 5
    /// How many standard deviations from the median are usual.
    private static let usualDeviations = 4.0

    /// The mean rate or level of a window divided by the median before another, or the same; 1 where it differs by less
    /// than is usual, nil where there is no baseline or nothing to be compared.
    ///
    /// - Parameter isAsked: what is asked of the value; where it is not so either way, what is usual is not looked for.
    func change(
        _ window: Range<Int>, before begin: Int, _ grid: Grid, _ steps: NodeSteps?, floor: Double,
        _ isAsked: (Double) -> Bool = { _ in true }
    ) -> Double? {
        guard let now = mean(window, grid, steps) else { return nil }
        var before = before(begin, grid, steps)
        guard before.count >= Self.leastSteps else { return nil }
        let median = before.median()
        let change = now / max(median, floor)
        guard isAsked(change) || isAsked(1) else { return change }
        for position in before.indices { before[position] = abs(before[position] - median) }
        let deviation = before.median() * 1.4826
        guard abs(now - median) > Self.usualDeviations * deviation else { return 1 }
        return change
    }

    /// Whether there is something to be compared, and not enough to compare it with.
    func lacksBaseline(_ window: Range<Int>, before begin: Int, _ grid: Grid, _ steps: NodeSteps?) -> Bool {
        mean(window, grid, steps) != nil && before(begin, grid, steps).count < Self.leastSteps
    }

    /// What the rate or level was; nil where there was none, and of whom has gone.
    private func mean(_ window: Range<Int>, _ grid: Grid, _ steps: NodeSteps?) -> Double? {
        guard window.upperBound <= life.upperBound else { return nil }
        guard case .sums = form else { return level(window, .mean) }
        return increase(window) / grid.seconds(of: window, steps)
    }

    /// Whether any window can have changed so much: neither what is measured nor its median is beyond the extremes.
    func canChange(
        _ comparison: Test.Comparison, _ bound: Double, floor: Double, _ window: Range<Int>, _ grid: Grid
    ) -> Bool {
        let all: ClosedRange<Double>?
        if case .sums = form {
            let rates = rates(1..<grid.times.count, grid, nil)
            all = rates.min().flatMap { least in rates.max().map { least...$0 } }
        } else {
            all = extent(0..<grid.times.count)
        }
        guard let all else { return false }
        return comparison.grows
            ? comparison.holds(all.upperBound / max(all.lowerBound, floor), bound) || all.upperBound == 0
            : comparison.holds(all.lowerBound / max(all.upperBound, floor), bound)
    }

    /// The rates or levels of the steps before one, since the entity is there.
    private func before(_ end: Int, _ grid: Grid, _ steps: NodeSteps?) -> [Double] {
        switch form {
        case .none: []
        case .level(let level): Array(repeating: level, count: end)
        case .levels(let levels): levels[0..<end].filter { !$0.isNaN }
        case .sums: rates(min(life.lowerBound + 1, end)..<end, grid, steps)
        }
    }

    private func rates(_ range: Range<Int>, _ grid: Grid, _ steps: NodeSteps?) -> [Double] {
        range.compactMap { step in
            if let steps, steps.last(step) != step { return nil }
            return increase(step..<step + 1) / grid.seconds(of: step..<step + 1, steps)
        }
    }
}

extension [Double] {
    /// The upper median; the order is another one after that. Rules ask for it in every window: sorting takes too long.
    mutating func median() -> Double {
        let middle = count / 2
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = self[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while self[left] < pivot { left += 1 }
                while self[right] > pivot { right -= 1 }
                guard left <= right else { break }
                swapAt(left, right)
                (left, right) = (left + 1, right - 1)
            }
            if middle <= right { high = right } else if middle >= left { low = left } else { break }
        }
        return self[middle]
    }
}
