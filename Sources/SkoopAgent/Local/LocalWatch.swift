// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopAnalysis
public import SkoopEvidence
public import SkoopKubernetes
public import SkoopModel
import SkoopSystem

/// Watches this host for a while with the probes that are needed, and without an agent.
public struct LocalWatch: EvidenceSource {
    /// For how long.
    public var duration: Duration
    /// How far apart snapshots are.
    public var interval: Duration
    /// The node's name; empty for the environment's or the host's.
    public var node: String
    /// Which container runtime is asked for its pods; nil for none.
    public var runtime = Configuration().runtime
    /// Is told now and then how much of the time has gone by, from 0 to 1.
    public var progress: (@Sendable (Double) -> Void)?

    /// It tells of what happens while it watches.
    public var time: EvidenceTime { .live }

    /// Makes a source; see the properties for the meaning of each argument.
    public init(
        for duration: Duration, every interval: Duration, node: String = "",
        progress: (@Sendable (Double) -> Void)? = nil
    ) {
        self.duration = duration
        self.interval = interval
        self.node = node
        self.progress = progress
    }

    /// Makes a source of what a command line asks for, which shows its progress where standard error is a terminal.
    public init(for duration: String, every interval: String) throws(EvidenceError) {
        let length = try TimeWindow.length(duration, of: "--for")
        let step = try TimeWindow.length(interval, of: "--interval")
        let isShown = isatty(STDERR_FILENO) == 1
        self.init(for: .nanoseconds(length), every: .nanoseconds(step)) { part in
            guard isShown else { return }
            let text = part < 1 ? "watching: \(Int(part * 100)) % of \(duration)" : ""
            try? StandardStream.error.write(Array("\r\u{1b}[K\(text)".utf8)[...])
        }
    }

    /// What is seen, piece by piece.
    public enum Sight: Sendable {
        /// What the probes can see; told first, and again at the end.
        case probes([String: ProbeState])
        /// A snapshot.
        case snapshot(Snapshot)
        /// What has happened.
        case events([Event])
        /// So many events came too fast to be seen.
        case missed(UInt64)
        /// What cannot be known; told at the end.
        case gap(String)
    }

    /// Watches, and hands over what is seen as soon as it is.
    ///
    /// - Parameters:
    ///   - request: what is wanted.
    ///   - body: takes what is seen; its error ends the watch.
    public func watch(
        _ request: EvidenceRequest, _ body: (Sight) throws(EvidenceError) -> Void
    ) throws(EvidenceError) {
        var local: LocalAgent
        do throws(SystemError) {
            local = try LocalAgent(request, node: node, runtime: runtime)
        } catch { throw EvidenceError("this host", error.description) }
        try body(.probes(local.probes))
        let start = MonotonicTime.now
        let pause = Monitor(false)
        var next = start
        while true {
            let now = MonotonicTime.now
            let isLast = now.since(start) >= duration
            if now >= next || isLast {
                try body(.snapshot(local.agent.collector.collect().snapshot))
                next = next + interval
            }
            let (events, missed) = local.events()
            if !events.isEmpty { try body(.events(events)) }
            if missed > 0 { try body(.missed(missed)) }
            progress?(min(1, now.since(start) / duration))
            if isLast { break }
            // Events wait in a ring that a flood of them fills within seconds.
            let soon = MonotonicTime.now + .milliseconds(500)
            pause.wait(until: min(min(next, start + duration), soon)) { $0 ? true : nil }
        }
        try body(.probes(local.probes))
        if let complaint = local.complaint { try body(.gap(complaint)) }
    }

    /// Watches, then adds what was seen.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        var missed: UInt64 = 0
        try watch(request) { (sight) throws(EvidenceError) in
            switch sight {
            case .probes(let states): evidence.probes = states
            case .snapshot(let snapshot): evidence.add(snapshot)
            case .events(let events): for event in events { evidence.add(event) }
            case .missed(let count): missed += count
            case .gap(let gap): evidence.gaps.append(gap)
            }
        }
        if missed > 0 { evidence.gaps.append("\(counted(missed, "event")) came too fast to be seen") }
    }

    /// What a recording of this host says of it.
    static func facts(node: String) -> [String: String] {
        ["kernel": Host.kernelRelease, "node": node, "version": AgentVersion.current]
    }

    /// Watches, and records what is seen.
    ///
    /// - Parameters:
    ///   - path: a file that is not there yet, see `RecordingWriter` of SkoopEvidence.
    ///   - request: what is wanted; what the rules ask for by default.
    ///   - keepsAll: whether all metrics of the probes are recorded rather than those asked for.
    /// - Returns: how many bytes the recording has.
    public func record(
        _ path: String, _ request: EvidenceRequest = EvidenceRequest(Analyzer()), keepsAll: Bool = false
    ) throws(EvidenceError) -> Int {
        var writer = try RecordingWriter(path, keeping: keepsAll ? nil : request.metrics)
        let facts = Self.facts(node: node.isEmpty ? Host.nodeName : node)
        var last: [String: ProbeState] = [:]
        try watch(request) { (sight) throws(EvidenceError) in
            switch sight {
            case .probes(let states):
                if states != last { try writer.write(facts: facts, probes: states) }
                last = states
            case .snapshot(let snapshot): try writer.write(snapshot)
            case .events(let events): try writer.write(events)
            case .missed, .gap: break
            }
        }
        let size = writer.size
        try writer.finish()
        return size
    }
}
