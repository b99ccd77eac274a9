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

    let definition: ProbeDefinition
    let deadline: Duration
    /// What it runs for.
    let purpose: Configuration.ProbeRun.Purpose
    /// What is known of the probe; the collector adds what became of its part of a page.
    let status: Monitor<ProbeStatus>
    private let worker: Worker<Scrape, Outcome>

    /// Starts the thread, which begins to prepare the probe at once.
    init(
        _ probe: AgentProbe, environment: ProbeEnvironment, deadline: Duration,
        purpose: Configuration.ProbeRun.Purpose = .metrics, turn: PreparationTurn, backoff: Backoff = Backoff()
    ) throws(SystemError) {
        definition = probe.definition
        self.deadline = deadline
        self.purpose = purpose
        let status = Monitor(ProbeStatus(name: probe.definition.name, purpose: purpose))
        self.status = status
        worker = try Worker(name: "probe-\(probe.definition.name)") {
            var owner = Owner(probe: probe, environment: environment, turn: turn, backoff: backoff, status: status)
            owner.prepare()
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
}

/// The thread's own part: the probe, and when to try again where there is none.
private struct Owner {
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
