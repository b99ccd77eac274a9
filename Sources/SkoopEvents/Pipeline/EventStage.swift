// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes

/// What happens to events between their sources and the sinks: folding, limiting, waiting for a name, reporting.
///
/// A value of the pipeline's thread; it reads no clock but the one it is given.
struct EventStage: Sendable {
    /// How the events of a probe fared here.
    struct Tally: Sendable {
        /// Events that were reported, folded ones by their number.
        var reported: UInt64 = 0
        /// Events that were too many.
        var limited: UInt64 = 0
    }

    private var folds: FoldTable
    private var limiter: RateLimiter
    private var attribution: Attribution
    /// Which namespaces had which numbers; nil where nobody can say.
    private var history: NamespaceHistory?
    /// An event whose namespace nobody knows yet, or may know better in a moment.
    private struct Waiting {
        var event: FoldedEvent
        var deadline: UInt64
        var delays = 1
    }

    /// For how many delays the answer of who is asked for a name is waited for, and no longer than it is to be expected.
    private static let mostDelays = 5
    /// In the order of the deadlines.
    private var waiting: [Waiting] = []
    private var delay: UInt64
    private var limits: EventLimits
    private static let mostWaiting = 4096
    var clock: WallClock
    /// What is to be reported.
    private(set) var reports: [Event] = []
    /// How events fared since the last ``take()``, by probe.
    private(set) var tallies: [String: Tally] = [:]

    init(node: String, limits: EventLimits, clock: WallClock = WallClock()) {
        self.limits = limits
        folds = FoldTable(window: limits.foldWindow.nanoseconds, capacity: limits.folds)
        limiter = RateLimiter(rate: limits.rate, burst: limits.burst)
        attribution = Attribution(node: node)
        delay = limits.attributionDelay.nanoseconds
        self.clock = clock
    }

    /// Keeps other limits from now on.
    mutating func follow(_ limits: EventLimits) {
        // A limiter that need not change keeps what it has counted.
        if limits.rate != self.limits.rate || limits.burst != self.limits.burst {
            limiter = RateLimiter(rate: limits.rate, burst: limits.burst)
        }
        folds.follow(window: limits.foldWindow.nanoseconds, capacity: limits.folds, now: clock.now)
        delay = limits.attributionDelay.nanoseconds
        self.limits = limits
    }

    /// Whether an event waits for a newer census.
    var needsCensus: Bool { !waiting.isEmpty }
    /// Events that are held back here.
    var held: UInt64 { waiting.reduce(folds.held) { $0 + $1.event.count } }

    /// Notes which namespaces there are: to be called before the events are added that happened until then.
    ///
    /// - Parameters:
    ///   - cookies: the cookie of each; nil where that could not be read.
    ///   - begin: when the look began, in nanoseconds of `CLOCK_MONOTONIC`.
    ///   - end: when it ended.
    mutating func look(_ cookies: [NamespaceID: UInt64]?, from begin: UInt64, to end: UInt64) {
        guard let cookies else { return history = nil }
        history = history ?? NamespaceHistory()
        history?.look(cookies, from: begin, to: end)
    }

    /// Takes an event as a source delivers it.
    mutating func add(_ event: ProbeEvent) {
        var event = event
        if event.namespace != .nowhere { event.cookie = history?.cookie(of: event.namespace, at: event.time) }
        if folds.fold(event) { return }
        guard limiter.take(event.type, event.namespace, now: clock.now) else {
            tallies[event.type.probe, default: Tally()].limited += 1
            return
        }
        folds.watch(event, now: clock.now)
        name(FoldedEvent(event))
    }

    /// Takes a newer census: those who waited for it go on.
    mutating func add(_ census: Census) {
        attribution.follow(census, history, now: clock.now)
        let before = waiting
        waiting = []
        for item in before { name(item) }
    }

    /// Lets time pass: repeats are reported, and what has waited long enough.
    mutating func tick() {
        let now = clock.now
        var ended: [FoldedEvent] = []
        folds.finish(now: now) { event in
            guard limiter.take(event.event.type, event.event.namespace, now: now) else { return false }
            ended.append(event)
            return true
        }
        for event in ended { name(event) }
        let passed = waiting.prefix { $0.deadline <= now }
        guard !passed.isEmpty else { return }
        waiting.removeFirst(passed.count)
        for var item in passed {
            if item.delays < Self.mostDelays, attribution.isAwaited(item.event.event) {
                item.delays += 1
                item.deadline = now + delay
                waiting.append(item)
            } else {
                reportAsKnown(item.event)
            }
        }
    }

    /// Reports everything that is held back.
    mutating func flush() {
        var ended: [FoldedEvent] = []
        folds.finish(now: .max - 1 << 62) { event in
            ended.append(event)
            return true
        }
        for event in ended { name(event) }
        for item in waiting { reportAsKnown(item.event) }
        waiting = []
    }

    /// What is to be reported and how events fared since the last call.
    mutating func take() -> (reports: [Event], tallies: [String: Tally]) {
        defer {
            reports = []
            tallies = [:]
        }
        return (reports, tallies)
    }

    private mutating func name(_ event: FoldedEvent) { name(Waiting(event: event, deadline: clock.now + delay)) }

    private mutating func name(_ item: Waiting) {
        if let entity = attribution.entity(of: item.event.event, isPatient: true) {
            report(item.event, of: entity)
        } else if waiting.count < Self.mostWaiting {
            waiting.append(item)
        } else {
            reportAsKnown(item.event)
        }
    }

    /// Reports what can wait no longer.
    private mutating func reportAsKnown(_ event: FoldedEvent) {
        report(
            event, of: attribution.entity(of: event.event, isPatient: false) ?? .unknown(event.event.namespace))
    }

    private mutating func report(_ event: FoldedEvent, of entity: Entity) {
        reports.append(attribution.report(event, of: entity, clock))
        tallies[event.event.type.probe, default: Tally()].reported += event.count
    }
}

extension Duration {
    /// Whole nanoseconds; negative durations count as zero.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
