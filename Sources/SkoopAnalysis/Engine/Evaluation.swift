// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What can be said of a condition.
enum Truth: Sendable {
    case yes, no, unknown
}

/// Looks conditions up in evidence; keeps what several of them ask for of the same entity.
struct Evaluation {
    private typealias Tracks = [Track?]

    let evidence: Evidence
    let grid: Grid
    let relations: Relations
    private(set) var plan: Plan
    /// Which part of what was counted in a window is certain to have happened within the time that a rule asks for, where
    /// the window is longer; see ``AppliedRule``.
    var certain = 1.0
    /// Where the baseline of windows ends; nil for where they begin.
    var baselineEnd: Int?
    private let runs: ProbeRuns
    private let nodes: [String: EntityRegistry.Number]
    /// By entity: the number of its node.
    private let nodeNumbers: [Int]
    /// By number of the node: at which steps it was there, where not at all.
    private let nodeSteps: [NodeSteps?]
    /// By entity: the steps at which it was there.
    private let lives: [Range<Int>]
    /// By the number of the entity; empty where nothing is kept.
    private var tracks: [Tracks]
    private var queries: [[EventTrack?]]
    /// The entities of which something is kept, but for nodes.
    private var kept: Set<EntityRegistry.Number> = []

    init(_ evidence: Evidence, range: ClosedRange<UInt64>) {
        self.evidence = evidence
        grid = Grid(evidence, range: range)
        relations = Relations(evidence)
        runs = ProbeRuns(evidence)
        var nodes: [String: EntityRegistry.Number] = [:]
        for (number, one) in evidence.entities.enumerated() where one.entity.kind == .node { nodes[one.node] = number }
        self.nodes = nodes
        var names: [String: Int] = [:]
        nodeNumbers = evidence.entities.map { one in
            if let known = names[one.node] { return known }
            names[one.node] = names.count
            return names.count - 1
        }
        let sorted = names.sorted { $0.value < $1.value }.map(\.key)
        plan = Plan(evidence, nodes: sorted)
        let grid = grid
        nodeSteps = sorted.map { NodeSteps(evidence.history, node: $0, count: grid.times.count) }
        lives = evidence.history.lives(of: evidence.entities.count, until: grid.times.count)
        tracks = Array(repeating: [], count: evidence.entities.count)
        queries = Array(repeating: [], count: evidence.entities.count)
    }

    /// Takes a condition in, before anything is asked for.
    mutating func add(_ condition: Condition) -> Plan.Node { plan.add(condition) }

    /// The number of an entity's node.
    func node(of entity: EntityRegistry.Number) -> Int { nodeNumbers[entity] }

    /// How many seconds a window takes on an entity's node.
    func seconds(of window: Range<Int>, _ entity: EntityRegistry.Number) -> Double {
        grid.seconds(of: window, nodeSteps[nodeNumbers[entity]])
    }

    /// Whether what a test needs is there of an entity.
    func isDecidable(_ test: Int, _ entity: EntityRegistry.Number) -> Bool {
        plan.isDecidable(test, on: nodeNumbers[entity])
    }

    /// Forgets what was kept of entities, but for the nodes: an hour of a few hundred of them takes a hundred megabytes.
    mutating func forget() {
        for entity in kept {
            tracks[entity] = []
            queries[entity] = []
        }
        kept = []
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

    /// Whether a condition holds in a window.
    mutating func truth(_ node: Plan.Node, _ entity: EntityRegistry.Number, _ window: Range<Int>) -> Truth {
        switch node {
        case .test(let position):
            let check = plan.checks[position]
            if check.subject == .entity { return truth(position, check, of: entity, window) }
            var result = isDecidable(position, entity) ? Truth.no : .unknown
            let subjects = subjects(check.subject, of: entity)
            if !subjects.isEmpty { result = .no }
            for subject in subjects {
                switch truth(position, check, of: subject, window) {
                case .yes: return .yes
                case .unknown: result = .unknown
                case .no: break
                }
            }
            return result
        case .all(let nodes):
            var result = Truth.yes
            for node in nodes {
                switch truth(node, entity, window) {
                case .no: return .no
                case .unknown: result = .unknown
                case .yes: break
                }
            }
            return result
        case .atLeast(let count, let nodes):
            var (yes, unknown) = (0, 0)
            for node in nodes {
                switch truth(node, entity, window) {
                case .yes: yes += 1
                case .unknown: unknown += 1
                case .no: break
                }
                if yes >= count { return .yes }
            }
            return yes + unknown >= count ? .unknown : .no
        case .not(let node):
            switch truth(node, entity, window) {
            case .yes: return .no
            case .no: return .yes
            case .unknown: return .unknown
            }
        }
    }

    private mutating func truth(
        _ test: Int, _ check: Plan.Check, of subject: EntityRegistry.Number, _ window: Range<Int>
    ) -> Truth {
        guard isDecidable(test, subject) else { return .unknown }
        if case .change(let measure, let floor) = check.reading {
            let change = track(measure, subject).change(
                window, before: baselineEnd ?? window.lowerBound, grid, nodeSteps[nodeNumbers[subject]], floor: floor
            ) { check.comparison.holds($0, check.bound) }
            if let change { return check.comparison.holds(change, check.bound) ? .yes : .no }
        } else if let value = value(check.reading, subject, window) {
            return check.comparison.holds(value, check.bound) ? .yes : .no
        }
        return lacksBaseline(check.reading, subject, window) ? .unknown : .no
    }

    /// Whether a quantity cannot be told because the entity was not watched for long enough before.
    mutating func lacksBaseline(
        _ reading: Plan.Reading, _ entity: EntityRegistry.Number, _ window: Range<Int>
    ) -> Bool {
        guard case .change(let measure, _) = reading else { return false }
        return track(measure, entity).lacksBaseline(
            window, before: baselineEnd ?? window.lowerBound, grid, nodeSteps[nodeNumbers[entity]])
    }

    private mutating func holds(_ check: Plan.Check, _ subject: EntityRegistry.Number, _ window: Range<Int>) -> Bool {
        value(check.reading, subject, window).map { check.comparison.holds($0, check.bound) } ?? false
    }

    /// Whether a condition may hold in some part of a window: cheap, and never wrong when it says no.
    mutating func isPossible(_ node: Plan.Node, _ entity: EntityRegistry.Number, _ window: Range<Int>) -> Bool {
        switch node {
        case .test(let position):
            let check = plan.checks[position]
            if check.subject == .entity {
                return isDecidable(position, entity) && isPossible(check, entity, window)
            }
            for subject in subjects(check.subject, of: entity)
            where isDecidable(position, subject) && isPossible(check, subject, window) { return true }
            return false
        case .all(let nodes):
            for node in nodes where !isPossible(node, entity, window) { return false }
            return true
        case .atLeast(_, let nodes):
            for node in nodes where isPossible(node, entity, window) { return true }
            return false
        case .not: return true
        }
    }

    private mutating func isPossible(
        _ check: Plan.Check, _ subject: EntityRegistry.Number, _ window: Range<Int>
    ) -> Bool {
        let (comparison, bound) = (check.comparison, check.bound)
        switch check.reading {
        case .level(let measure, _):
            guard let extent = track(measure, subject).extent(window) else { return false }
            return comparison.holds(comparison.grows ? extent.upperBound : extent.lowerBound, bound)
        case .change(let measure, let floor):
            return track(measure, subject).canChange(comparison, bound, floor: floor, window, grid)
        case .increase, .above, .events, .lasting:
            guard comparison.grows, bound > 0 else { return true }
            return holds(check, subject, window)
        case .rate(let measure), .ratio(let measure, _), .shareAbove(let measure, _):
            guard comparison.grows, bound > 0 || comparison == .above else { return true }
            return track(measure, subject).increase(window) > 0
        case .quantile(let measure, _): return track(measure, subject).increase(window) > 0
        case .fill(let measure, let other):
            guard let part = track(measure, subject).extent(window), let whole = track(other, subject).extent(window)
            else { return false }
            return !comparison.grows || whole.lowerBound <= 0
                || comparison.holds(part.upperBound / whole.lowerBound, bound)
        }
    }

    /// The value of a quantity in a window; nil where there is none.
    ///
    /// Values are taken before they are used: as an argument of one of its own methods, what looks a track up would make
    /// a copy of the whole evaluation.
    mutating func value(_ reading: Plan.Reading, _ entity: EntityRegistry.Number, _ window: Range<Int>) -> Double? {
        switch reading {
        case .increase(let measure):
            let increase = track(measure, entity).increase(window)
            return sure(increase)
        case .rate(let measure):
            let increase = track(measure, entity).increase(window)
            return increase / seconds(of: window, entity)
        case .level(let measure, let aggregation): return track(measure, entity).level(window, aggregation)
        case .ratio(let measure, let other):
            let part = track(measure, entity).increase(window)
            guard part > 0 else { return 0 }
            return part / track(other, entity).increase(window)
        case .fill(let measure, let other): return track(measure, entity).fill(window, of: track(other, entity))
        case .change(let measure, let floor):
            return track(measure, entity).change(
                window, before: baselineEnd ?? window.lowerBound, grid, nodeSteps[nodeNumbers[entity]], floor: floor)
        case .quantile(let measure, let quantile): return track(measure, entity).quantile(quantile, window)
        case .above(let measure, let bound):
            let increase = track(measure, entity).increase(window, above: bound)
            return sure(increase)
        case .shareAbove(let measure, let bound):
            let track = track(measure, entity)
            let all = track.increase(window)
            return all > 0 ? track.increase(window, above: bound) / all : 0
        case .events(let query):
            let (from, to) = grid.bounds(of: window)
            guard certain < 1 else { return events(query, entity).count(after: from, until: to) }
            return events(query, entity).most(within: certain * seconds(of: window, entity), after: from, until: to)
        case .lasting(let query):
            let (from, to) = grid.bounds(of: window)
            return events(query, entity).duration(after: from, until: to)
        }
    }

    /// Of so many in all of a window, so many are in some part of it, however they are spread.
    private func sure(_ count: Double) -> Double { certain < 1 ? (count * certain).rounded(.up) : count }

    private mutating func track(_ measure: Int, _ entity: EntityRegistry.Number) -> Track {
        if tracks[entity].isEmpty {
            tracks[entity] = Array(repeating: nil, count: plan.measures.count)
            keep(entity)
        }
        if let known = tracks[entity][measure] { return known }
        let needed = plan.compared.contains(measure) ? 0 : grid.steps.lowerBound
        var track = Track(plan.measures[measure], entity, evidence, grid, runs, from: needed)
        track.life = lives[entity]
        tracks[entity][measure] = track
        return track
    }

    private mutating func events(_ query: Int, _ entity: EntityRegistry.Number) -> EventTrack {
        if queries[entity].isEmpty {
            queries[entity] = Array(repeating: nil, count: plan.queries.count)
            keep(entity)
        }
        if let known = queries[entity][query] { return known }
        let track = EventTrack(plan.queries[query], entity, evidence.log)
        queries[entity][query] = track
        return track
    }

    private mutating func keep(_ entity: EntityRegistry.Number) {
        if nodes[evidence.entities[entity].node] != entity { kept.insert(entity) }
    }
}
