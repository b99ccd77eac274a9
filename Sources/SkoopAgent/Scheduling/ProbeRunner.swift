// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopProbes
import SkoopSystem

/// Owns one probe on one thread: prepares it, asks it, and remembers how that went.
final class ProbeRunner: Sendable {
    /// How long to wait before preparing a probe again after the first and the last of several failures.
    struct Backoff: Sendable {
        var first: Duration = .seconds(1)
        var longest: Duration = .seconds(60)
    }

    typealias Outcome = Result<[Family], ProbeError>

    /// What makes the probe another one when it changes.
    struct Key: Sendable, Hashable {
        var name: String
        var arguments: [String: ArgumentValue]
        var source: Source?
        var reportsEvents: Bool

        init(_ run: Configuration.ProbeRun) {
            name = run.settings.name
            arguments = run.settings.arguments
            source = run.settings.source
            reportsEvents = run.purpose.contains(.events)
        }
    }

    let key: Key
    /// What is known of the probe; the collector adds what became of its part of a page.
    let status: Monitor<ProbeStatus>
    private let worker: Worker<Scrape, Outcome>

    /// The attached programs of the probe.
    let programs: ProgramLedger

    /// Starts the thread, which prepares the probe.
    ///
    /// - Parameters:
    ///   - probe: what to prepare.
    ///   - run: its settings.
    ///   - environment: what the probe may use; its arguments are those of `run`.
    ///   - turn: lets probes be prepared one after the other.
    ///   - backoff: when to try again.
    ///   - mayPrepare: called first on the thread; may wait there, and says whether the probe is still wanted.
    init(
        _ probe: AgentProbe, _ run: Configuration.ProbeRun, environment: ProbeEnvironment, turn: PreparationTurn,
        backoff: Backoff = Backoff(), when mayPrepare: @escaping @Sendable () -> Bool = { true }
    ) throws(SystemError) {
        key = Key(run)
        programs = ProgramLedger()
        var environment = environment
        environment.arguments = key.arguments
        environment.programs = programs
        environment.requiredSource = key.source
        if !key.reportsEvents { environment.events = nil }
        let status = Monitor(ProbeStatus(name: key.name, purpose: run.purpose))
        self.status = status
        let first = Owner(probe: probe, environment: environment, turn: turn, backoff: backoff, status: status)
        worker = try Worker(name: "probe-\(key.name)") {
            var owner = first
            if mayPrepare() { owner.prepare() }
            return { owner.collect($0) }
        }
    }

    /// Asks for a collection; false, and counted, when an earlier one still runs.
    func ask(_ scrape: Scrape, deliver: @escaping @Sendable (Outcome) -> Void) -> Bool {
        let accepted = worker.offer(scrape, deliver: deliver)
        if !accepted { status.update { $0.skipped += 1 } }
        return accepted
    }

    /// Lets the thread end.
    func stop() { worker.stop() }

    /// Waits until the probe is gone, with its programs; one that hangs is left behind.
    func waitForEnd(until deadline: MonotonicTime) { worker.waitForEnd(until: deadline) }
}

/// The thread's own part: the probe, and when to try again where there is none.
private struct Owner: Sendable {
    let probe: AgentProbe
    let environment: ProbeEnvironment
    let turn: PreparationTurn
    let backoff: ProbeRunner.Backoff
    let status: Monitor<ProbeStatus>
    private var instance: (any Probe)?
    private var error = ProbeError(.unreadable, "not prepared yet")
    private var delay: Duration
    private var retry = MonotonicTime.now

    init(
        probe: AgentProbe, environment: ProbeEnvironment, turn: PreparationTurn, backoff: ProbeRunner.Backoff,
        status: Monitor<ProbeStatus>
    ) {
        self.probe = probe
        self.environment = environment
        self.turn = turn
        self.backoff = backoff
        self.status = status
        delay = backoff.first
    }

    mutating func prepare() {
        let result = turn.take { () -> Result<any Probe, ProbeError> in
            do throws(ProbeError) {
                return .success(try probe.make(environment))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let made):
            instance = made
            status.update {
                $0.state = .running
                $0.source = made.source
                $0.error = nil
            }
        case .failure(let error):
            self.error = error
            retry = MonotonicTime.now + delay
            delay = min(delay * 2, backoff.longest)
            status.update {
                $0.state = .failed
                $0.error = error
                $0.failures += 1
            }
        }
    }

    mutating func collect(_ scrape: Scrape) -> ProbeRunner.Outcome {
        if instance == nil, MonotonicTime.now >= retry { prepare() }
        guard var running = instance else { return .failure(error) }
        // The only reference, so that the probe changes in place.
        instance = nil
        let start = MonotonicTime.now
        var outcome: ProbeRunner.Outcome
        do throws(ProbeError) {
            outcome = .success(try running.collect(scrape))
        } catch {
            outcome = .failure(error)
        }
        let duration = MonotonicTime.now.since(start)
        let missedRuns = environment.programs.missedRuns
        instance = running
        status.update { status in
            status.collections += 1
            status.duration = duration
            status.missedRuns = missedRuns
            status.source = running.source
            if case .failure(let error) = outcome {
                status.failures += 1
                status.error = error
            } else {
                status.error = nil
            }
        }
        return outcome
    }
}
