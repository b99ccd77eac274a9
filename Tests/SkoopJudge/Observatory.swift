// SPDX-License-Identifier: Apache-2.0
import Dispatch
public import SkoopAnalysis
import SkoopEvents
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopSystem
import Synchronization

/// All probes at work in this process, and the evidence that they gather about the hosts of labs.
///
/// Everything that an agent has between kernel and evidence, without its configuration and its HTTP: one thread takes a
/// snapshot a second, another one brings events.
public final class Observatory: Sendable {
    /// The node's name in evidence.
    public static let node = "lab-node"
    /// How far apart snapshots are.
    public static let interval: Duration = .seconds(1)

    private let names: LabNames
    private let evidence: EvidenceStore
    private let pipeline: EventPipeline
    private let isStopped = Monitor(false)
    private let group = DispatchGroup()

    /// Starts all probes.
    public init() throws {
        let names = LabNames()
        let store = EvidenceStore()
        let board = CensusBoard()
        var limits = EventLimits()
        limits.rate = 2000
        let pipeline = try EventPipeline(
            node: Self.node, limits: limits, census: board,
            cookies: { NamespaceCookies.look() },
            sinks: [PipelineSink("evidence") { () throws(SinkError) in EvidenceSink(store) }])
        let outlet = pipeline.outlet
        self.names = names
        evidence = store
        self.pipeline = pipeline
        let (isStopped, group) = (isStopped, group)
        group.enter()
        let thread = try WorkerThread(name: "observatory") {
            var loop = ObservationLoop(names, store, board, outlet)
            while !isStopped.update({ $0 }) {
                let next = MonotonicTime.now + Self.interval
                loop.observe()
                _ = isStopped.wait(until: next) { $0 ? true : nil }
            }
            group.leave()
        }
        _ = consume thread
    }

    deinit { stop() }

    /// Ends the threads.
    public func stop() {
        isStopped.update { $0 = true }
        group.wait()
        pipeline.stop()
    }

    /// From now on the hosts of a lab have names, but for one that nobody is to see.
    func name(_ hosts: [LabHost], _ label: String, hiding hidden: LabHost? = nil) {
        names.add(hosts, label)
        if let hidden { names.hide(hidden) }
    }

    /// Somebody is not to be seen.
    func hide(_ host: LabHost) { names.hide(host) }

    /// And no longer.
    func forget(_ hosts: [LabHost]) { names.remove(hosts) }

    /// What was gathered until now.
    public var gathered: Evidence { evidence.value }

    /// The same as whoever scrapes every 15 seconds has it.
    var gatheredSparsely: Evidence { evidence.sparse }

    /// Waits until another snapshot has been taken that began after this call.
    func waitForSnapshot() {
        let seen = evidence.value.times.last ?? 0
        let begin = SystemClock.wall
        while true {
            let last = evidence.value.times.last ?? 0
            if last > seen, last > begin { return }
            rest(.milliseconds(50))
        }
    }
}

/// Evidence that several threads add to.
final class EvidenceStore: Sendable {
    private struct State {
        var all: Evidence
        var sparse: Evidence
        var due: UInt64 = 0
    }

    private let state: Mutex<State>
    /// As far apart as scrapes usually are, in nanoseconds.
    private static let distance: UInt64 = 15_000_000_000

    init() {
        let evidence = Evidence(keeping: Analyzer().metrics, events: 200_000)
        state = Mutex(State(all: evidence, sparse: evidence))
    }

    var value: Evidence { state.withLock { $0.all } }
    var sparse: Evidence { state.withLock { $0.sparse } }

    func change(_ body: (inout Evidence) -> Void) {
        state.withLock {
            body(&$0.all)
            body(&$0.sparse)
        }
    }

    func add(_ snapshot: Snapshot) {
        state.withLock {
            $0.all.add(snapshot)
            guard snapshot.timestamp >= $0.due else { return }
            $0.sparse.add(snapshot)
            $0.due = snapshot.timestamp + Self.distance
        }
    }
}

/// Puts events into evidence.
struct EvidenceSink: Sink {
    static let definition = SinkDefinition("evidence", "evidence for an analyzer")
    private let store: EvidenceStore
    let target = "evidence"

    init(_ environment: SinkEnvironment) throws(SinkError) { preconditionFailure("needs a store") }
    init(_ store: EvidenceStore) { self.store = store }

    mutating func deliver(_ events: ArraySlice<Event>) throws(SinkError) -> SkoopEvents.SinkReceipt {
        store.change { evidence in for event in events where event.entity.kind != .unknown { evidence.add(event) } }
        return SinkReceipt(delivered: events.count)
    }
}
