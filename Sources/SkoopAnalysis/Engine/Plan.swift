// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Conditions with numbers in place of measures and queries, so that looking a value up needs no hashing of names.
struct Plan: Sendable {
    /// A condition whose tests are positions in ``Plan/tests``.
    indirect enum Node: Sendable {
        case test(Int)
        case all([Node])
        case atLeast(Int, [Node])
        case not(Node)
    }

    /// A quantity of numbered measures or queries.
    enum Reading: Sendable {
        case increase(Int)
        case rate(Int)
        case level(Int, Quantity.Aggregation)
        case ratio(Int, Int)
        case fill(Int, Int)
        case change(Int, floor: Double)
        case quantile(Int, Double)
        case above(Int, Double)
        case shareAbove(Int, Double)
        case events(Int)
        case lasting(Int)
    }

    /// A test as far as it takes to find out whether it holds: without anything that is counted when it is copied.
    struct Check: Sendable {
        var subject: Subject
        var comparison: Test.Comparison
        var bound: Double
        var reading: Reading
    }

    private(set) var checks: [Check] = []
    /// The test that each check was made of.
    private(set) var tests: [Test] = []
    /// By test, and for each of them by node: what it would need and is not there.
    private var missing: [[[Missing]]] = []
    private var decidable: [Bool] = []
    /// The names of the nodes, by number.
    let nodes: [String]
    private let visibility: Visibility
    private(set) var measures: [Measure] = []
    private(set) var queries: [EventQuery] = []
    /// The measures of which more is asked than what happened in the range that is analysed.
    private(set) var compared: Set<Int> = []
    private var measureNumbers: [Measure: Int] = [:]
    private var queryNumbers: [EventQuery: Int] = [:]

    /// A plan for the evidence of some nodes, which have numbers from then on.
    init(_ evidence: Evidence, nodes: [String]) {
        self.nodes = nodes
        visibility = Visibility(evidence)
    }

    /// Takes a condition in.
    mutating func add(_ condition: Condition) -> Node {
        switch condition {
        case .test(let test):
            checks.append(
                Check(
                    subject: test.subject, comparison: test.comparison, bound: test.bound,
                    reading: reading(test.quantity)))
            tests.append(test)
            let missing = nodes.map { self.missing(test.quantity, on: $0) }
            self.missing.append(missing)
            decidable += missing.map(\.isEmpty)
            return .test(tests.count - 1)
        case .all(let conditions): return .all(conditions.map { add($0) })
        case .any(let conditions): return .atLeast(1, conditions.map { add($0) })
        case .atLeast(let count, let conditions): return .atLeast(count, conditions.map { add($0) })
        case .not(let condition): return .not(add(condition))
        }
    }

    /// The positions of the tests of a condition.
    func tests(of node: Node) -> [Int] {
        switch node {
        case .test(let position): [position]
        case .all(let nodes), .atLeast(_, let nodes): nodes.flatMap(tests)
        case .not(let node): tests(of: node)
        }
    }

    /// Whether what a test needs is there of a node.
    func isDecidable(_ test: Int, on node: Int) -> Bool { decidable[test * nodes.count + node] }

    /// What the tests of a condition that cannot be decided for a node would need.
    func missing(in node: Node, on number: Int) -> [Missing] {
        var result: [Missing] = []
        for test in tests(of: node) {
            // Whoever it talks to may be anywhere.
            let all = checks[test].subject.isOfNode ? missing[test][number] : missing[test].flatMap { $0 }
            for one in all where !result.contains(one) { result.append(one) }
        }
        return result
    }

    /// Whether tests of a condition compare with a baseline.
    func compares(_ node: Node) -> Bool {
        tests(of: node).contains { if case .change = checks[$0].reading { true } else { false } }
    }

    private mutating func reading(_ quantity: Quantity) -> Reading {
        switch quantity {
        case .increase(let measure): .increase(number(measure))
        case .rate(let measure): .rate(number(measure))
        case .level(let measure, let aggregation): .level(number(measure), aggregation)
        case .ratio(let measure, let other): .ratio(number(measure), number(other))
        case .fill(let measure, let other): .fill(number(measure), number(other))
        case .change(let measure, let floor): .change(compared(number(measure)), floor: floor)
        case .quantile(let measure, let quantile): .quantile(number(measure), quantile)
        case .above(let measure, let bound): .above(number(measure), bound)
        case .shareAbove(let measure, let bound): .shareAbove(number(measure), bound)
        case .events(let query): .events(number(query))
        case .lasting(let query): .lasting(number(query))
        }
    }

    private mutating func compared(_ measure: Int) -> Int {
        compared.insert(measure)
        return measure
    }

    private mutating func number(_ measure: Measure) -> Int {
        if let known = measureNumbers[measure] { return known }
        measures.append(measure)
        measureNumbers[measure] = measures.count - 1
        return measures.count - 1
    }

    private mutating func number(_ query: EventQuery) -> Int {
        if let known = queryNumbers[query] { return known }
        queries.append(query)
        queryNumbers[query] = queries.count - 1
        return queries.count - 1
    }

    /// Of several metrics or types one is enough.
    private func missing(_ quantity: Quantity, on node: String) -> [Missing] {
        func missing(_ states: [(probe: String, what: String, state: ProbeState)]) -> [Missing] {
            guard !states.contains(where: { $0.state == .running }) else { return [] }
            return states.map { Missing(probe: $0.probe, what: $0.what, state: $0.state) }
        }
        if let query = quantity.query {
            return missing(query.types.map { ($0.probe, $0.name, visibility.state(of: $0, on: node)) })
        }
        return quantity.measures.flatMap { measure in
            missing(measure.metrics.map { ($0.probe, $0.name, visibility.state(of: $0, on: node)) })
        }
    }
}

extension Subject {
    /// Whether it is on the node of the entity that a rule is applied to.
    fileprivate var isOfNode: Bool {
        switch self {
        case .entity, .node: true
        case .peer, .resolver: false
        }
    }
}
