// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What can be said of a condition.
enum Truth: Sendable {
    case yes, no, unknown
}

/// Looks conditions up in evidence; keeps what several of them ask for.
struct Evaluation: ~Copyable {
    private struct TrackKey: Hashable {
        var measure: Measure
        var entity: EntityRegistry.Number
    }
    private struct QueryKey: Hashable {
        var query: EventQuery
        var entity: EntityRegistry.Number
    }

    let evidence: Evidence
    let grid: Grid
    let relations: Relations
    private let nodes: [String: EntityRegistry.Number]
    private var tracks: [TrackKey: Track] = [:]
    private var queries: [QueryKey: EventTrack] = [:]
    private var missingOf: [Quantity: [Missing]] = [:]

    init(_ evidence: Evidence, range: ClosedRange<UInt64>) {
        self.evidence = evidence
        grid = Grid(evidence, range: range)
        relations = Relations(evidence)
        var nodes: [String: EntityRegistry.Number] = [:]
        for (number, one) in evidence.entities.enumerated() where one.entity.kind == .node { nodes[one.node] = number }
        self.nodes = nodes
    }

    /// The entities that a subject means.
    func subjects(_ subject: Subject, of entity: EntityRegistry.Number) -> [EntityRegistry.Number] {
        switch subject {
        case .entity: [entity]
        case .node: nodes[evidence.entities[entity].node].map { [$0] } ?? []
        case .peer: relations.peers[entity].map(Array.init) ?? []
        case .resolver: relations.resolvers[entity].map(Array.init) ?? []
        }
    }

    /// What a quantity would need and is not there.
    mutating func missing(_ quantity: Quantity) -> [Missing] {
        if let known = missingOf[quantity] { return known }
        var missing: [Missing] = []
        if case .events(let query) = quantity {
            let states = query.types.map { ($0, evidence.state(of: $0)) }
            if !states.contains(where: { $0.1 == .running }) {
                missing = states.map { Missing(probe: $0.0.probe, what: $0.0.name, state: $0.1) }
            }
        }
        for measure in quantity.measures {
            let states = measure.metrics.map { ($0, evidence.state(of: $0)) }
            if !states.contains(where: { $0.1 == .running }) {
                missing += states.map { Missing(probe: $0.0.probe, what: $0.0.name, state: $0.1) }
            }
        }
        missingOf[quantity] = missing
        return missing
    }

    /// Whether a condition holds in a window.
    mutating func truth(_ condition: Condition, _ entity: EntityRegistry.Number, _ window: Range<Int>) -> Truth {
        switch condition {
        case .test(let test):
            guard missing(test.quantity).isEmpty else { return .unknown }
            for subject in subjects(test.subject, of: entity) {
                if let value = value(test.quantity, subject, window), test.comparison.holds(value, test.bound) {
                    return .yes
                }
            }
            return .no
        case .all(let conditions):
            var result = Truth.yes
            for condition in conditions {
                switch truth(condition, entity, window) {
                case .no: return .no
                case .unknown: result = .unknown
                case .yes: break
                }
            }
            return result
        case .any(let conditions): return count(1, conditions, entity, window)
        case .atLeast(let number, let conditions): return count(number, conditions, entity, window)
        case .not(let condition):
            switch truth(condition, entity, window) {
            case .yes: return .no
            case .no: return .yes
            case .unknown: return .unknown
            }
        }
    }

    private mutating func count(
        _ number: Int, _ conditions: [Condition], _ entity: EntityRegistry.Number, _ window: Range<Int>
    ) -> Truth {
        var yes = 0
        var unknown = 0
        for condition in conditions {
            switch truth(condition, entity, window) {
            case .yes: yes += 1
            case .unknown: unknown += 1
            case .no: break
            }
            if yes >= number { return .yes }
        }
        return yes + unknown >= number ? .unknown : .no
    }

    /// Whether a condition may hold in some part of a window: cheap, and never wrong when it says no.
    mutating func isPossible(_ condition: Condition, _ entity: EntityRegistry.Number, _ window: Range<Int>) -> Bool {
        switch condition {
        case .test(let test):
            guard missing(test.quantity).isEmpty else { return false }
            guard test.comparison.grows, test.bound > 0 || test.comparison == .above else { return true }
            for subject in subjects(test.subject, of: entity) where isPossible(test, subject, window) { return true }
            return false
        case .all(let conditions):
            for condition in conditions where !isPossible(condition, entity, window) { return false }
            return true
        case .any(let conditions), .atLeast(_, let conditions):
            for condition in conditions where isPossible(condition, entity, window) { return true }
            return false
        case .not: return true
        }
    }

    private mutating func isPossible(_ test: Test, _ subject: EntityRegistry.Number, _ window: Range<Int>) -> Bool {
        switch test.quantity {
        case .increase, .above, .events:
            value(test.quantity, subject, window).map { test.comparison.holds($0, test.bound) } ?? false
        case .rate(let measure), .ratio(let measure, _), .quantile(let measure, _), .shareAbove(let measure, _):
            track(measure, subject).increase(window) > 0
        case .level, .fill, .change: true
        }
    }

    /// The value of a quantity in a window; nil where there is none.
    mutating func value(_ quantity: Quantity, _ entity: EntityRegistry.Number, _ window: Range<Int>) -> Double? {
        switch quantity {
        case .increase(let measure): return track(measure, entity).increase(window)
        case .rate(let measure): return track(measure, entity).increase(window) / grid.seconds(of: window)
        case .level(let measure, let aggregation):
            let levels = track(measure, entity).levels(window)
            guard let last = levels.last else { return nil }
            switch aggregation {
            case .maximum: return levels.max()
            case .minimum: return levels.min()
            case .mean: return levels.reduce(0, +) / Double(levels.count)
            case .last: return last
            }
        case .ratio(let measure, let other):
            let whole = track(other, entity).increase(window)
            let part = track(measure, entity).increase(window)
            return whole > 0 ? part / whole : part > 0 ? .infinity : 0
        case .fill(let measure, let other):
            guard case .levels(let parts) = track(measure, entity).form,
                case .levels(let wholes) = track(other, entity).form
            else { return nil }
            return window.compactMap { step in
                parts[step].isNaN || wholes[step].isNaN ? nil : wholes[step] > 0 ? parts[step] / wholes[step] : 0
            }.max()
        case .change(let measure, let floor): return change(track(measure, entity), window, floor: floor)
        case .quantile(let measure, let quantile): return track(measure, entity).quantile(quantile, window)
        case .above(let measure, let bound): return track(measure, entity).increase(window, above: bound)
        case .shareAbove(let measure, let bound):
            let track = track(measure, entity)
            let all = track.increase(window)
            return all > 0 ? track.increase(window, above: bound) / all : 0
        case .events(let query):
            let (from, to) = grid.bounds(of: window)
            return events(query, entity).count(after: from, until: to)
        }
    }

    /// How many steps a baseline must have.
    private static let baselineSteps = 5
    /// How many standard deviations from the median are usual.
    private static let usualDeviations = 4.0

    private func change(_ track: Track, _ window: Range<Int>, floor: Double) -> Double? {
        let before = track.before(window, grid).sorted()
        guard before.count >= Self.baselineSteps else { return nil }
        let median = before[before.count / 2]
        let deviation = before.map { abs($0 - median) }.sorted()[before.count / 2] * 1.4826
        let now: Double
        if case .levels = track.form {
            let levels = track.levels(window)
            guard !levels.isEmpty else { return nil }
            now = levels.reduce(0, +) / Double(levels.count)
        } else {
            now = track.increase(window) / grid.seconds(of: window)
        }
        guard abs(now - median) > Self.usualDeviations * deviation else { return 1 }
        return now / max(median, floor)
    }

    mutating func track(_ measure: Measure, _ entity: EntityRegistry.Number) -> Track {
        let key = TrackKey(measure: measure, entity: entity)
        if let known = tracks[key] { return known }
        let track = Track(measure, entity, evidence, grid)
        tracks[key] = track
        return track
    }

    mutating func events(_ query: EventQuery, _ entity: EntityRegistry.Number) -> EventTrack {
        let key = QueryKey(query: query, entity: entity)
        if let known = queries[key] { return known }
        let track = EventTrack(query, entity, evidence.log)
        queries[key] = track
        return track
    }
}
