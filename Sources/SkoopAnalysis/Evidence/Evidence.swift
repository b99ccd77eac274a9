// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// What is known of a time: metrics of every entity over it, events, and which probes could see something.
///
/// A value, to be filled by whoever has evidence - a running agent, a recording, a metrics server - and given to an
/// ``Analyzer``. Its memory is bounded: by the time it spans and by the number of events.
public struct Evidence: Sendable {
    var registry = EntityRegistry()
    var history: History
    var log: EventLog
    /// What evidence could not be had, in words; a finding from partial evidence says so.
    public var gaps: [String] = []
    /// The state of probes by name, see also ``EvidenceKey``; those that are not in it are judged by whether they yield
    /// anything.
    public var probes: [String: ProbeState] = [:]
    /// Whether a log of events was asked for all that happened: only then does it mean something that there are none of a
    /// probe of which nobody says whether it reports any.
    public var hasEventSource = false
    /// The state of probes by node and name, as the snapshots say it.
    var learnt: [String: [String: ProbeState]] = [:]

    /// Makes evidence of nothing.
    ///
    /// - Parameters:
    ///   - span: how long metrics and events are kept, in nanoseconds; older ones go away as newer ones come.
    ///   - metrics: which metrics are kept, for example ``Analyzer/metrics``; nil keeps all.
    ///   - events: how many events are kept.
    public init(span: UInt64 = 3_600_000_000_000, keeping metrics: Set<Metric>? = nil, events: Int = 20_000) {
        history = History(span: span, keeping: metrics)
        log = EventLog(limit: events)
    }

    /// Changes what is kept from now on; what is there and still wanted stays.
    ///
    /// - Parameters:
    ///   - span: how long metrics and events are kept, in nanoseconds.
    ///   - metrics: which metrics are kept; nil keeps all. Those that were not kept before begin with the next snapshot.
    ///   - events: how many events are kept.
    public mutating func keep(span: UInt64, metrics: Set<Metric>?, events: Int) {
        history.keep(metrics, span: span)
        log.limit = events
        forgetEntities()
    }

    /// The entities that the evidence speaks of.
    public var entities: [AnalysedEntity] { registry.entities }

    /// The times of the snapshots, in nanoseconds since 1970, ascending.
    public var times: [UInt64] { history.times }

    /// How many events there are, and how many were left out because there were too many.
    public var eventCount: (kept: Int, dropped: Int) { (log.count, log.dropped) }

    /// How many series are kept; of a histogram its sum and each bucket that has anything.
    public var seriesCount: Int { history.series.count }

    /// Roughly how many bytes the series take.
    public var byteCount: Int { history.byteCount }

    /// Adds a snapshot.
    ///
    /// - Returns: whether it was added; one older than the last is not.
    @discardableResult
    public mutating func add(_ snapshot: Snapshot) -> Bool {
        for (probe, works) in snapshot.probeSuccess where works || learnt[snapshot.entities.node]?[probe] == nil {
            learnt[snapshot.entities.node, default: [:]][probe] =
                works ? .running : .failed("its last collection failed")
        }
        let first = history.firstStep
        guard history.append(snapshot, in: &registry) else { return false }
        if history.firstStep > first {
            log.forget(before: history.times.first ?? 0)
            forgetEntities()
        }
        return true
    }

    /// Adds snapshots of metrics that others do not have, of a time that others may have spoken of already: their values
    /// go to the times of the snapshots that are there, and what is later than all of those is added as it is.
    ///
    /// - Parameter snapshots: in the order of their times, the first one with nothing counted.
    public mutating func overlay(_ snapshots: [Snapshot]) {
        history.overlay(snapshots, in: &registry)
    }

    /// Adds an event, whatever its time; one that was over before the time that is kept is left out.
    public mutating func add(_ event: Event) {
        if let last = history.times.last, last > history.span, event.lastTimestamp < last - history.span { return }
        if log.append(event, in: &registry) { forgetEntities() }
    }

    /// Forgets the entities of which nothing is left, but for nodes: otherwise a node whose pods live for half a minute
    /// would have more of them every day.
    private mutating func forgetEntities() {
        var isKept = entities.map { $0.entity.kind == .node }
        for series in history.series { isKept[series.entity] = true }
        for key in log.events.keys { isKept[key.entity] = true }
        guard isKept.contains(false) else { return }
        let numbers = registry.forget(keeping: isKept)
        history.renumber(numbers)
        log.renumber(numbers)
    }

    /// The first and the last time that the evidence speaks of; nil when it is empty.
    public var range: ClosedRange<UInt64>? {
        let events = log.events.values.joined()
        let first = ([history.times.first] + [events.map(\.timestamp).min()]).compactMap { $0 }.min()
        let last = ([history.times.last] + [events.map(\.lastTimestamp).max()]).compactMap { $0 }.max()
        guard let first, let last else { return nil }
        return first...last
    }
}

/// Names under which ``Evidence/probes`` holds what is not a probe's metrics.
public enum EvidenceKey {
    /// Whether a probe reports events, where that is known apart from its metrics.
    public static func events(of probe: String) -> String { "\(probe) events" }

    /// The state of a probe, or of its events, on one node, where not all are alike.
    public static func probe(_ key: String, on node: String) -> String { "\(key) on \(node)" }
}

extension Snapshot {
    /// What the snapshot itself says of which probes worked.
    var probeSuccess: [(probe: String, works: Bool)] {
        guard let family = families.first(where: { $0.metric == SelfMetric.probeSuccess.metric }) else { return [] }
        return (0..<family.count).map { (family.labels(of: $0).first ?? "", family.values[$0] > 0) }
    }
}
