// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopProbes
import SkoopSystem

/// Starts probes as a configuration wants them, and keeps those that are what it wants already.
struct ProbeStarter: Sendable {
    /// What can run.
    let probes: [AgentProbe]
    /// What every probe may use.
    let environment: ProbeEnvironment
    let turn: PreparationTurn
    let backoff: ProbeRunner.Backoff
    /// How long a probe that begins anew waits for what it replaces to be gone.
    private static let patience: Duration = .seconds(5)

    /// The plan of the start.
    func plan(_ configuration: Configuration, events: EventPipeline?) throws(SystemError) -> CollectionPlan {
        try follow([], configuration, events: events, when: nil).plan
    }

    /// The plan after another one.
    ///
    /// - Parameters:
    ///   - old: what runs.
    ///   - configuration: what is to run.
    ///   - events: where events go.
    ///   - go: what new probes wait for before they begin; false ends them. Without it nothing is waited for.
    /// - Returns: the plan, in which new probes are not waited for, and what is different.
    /// - Throws: when a thread cannot be made; `go` was told so.
    func follow(
        _ old: [CollectionPlan.Entry], _ configuration: Configuration, events: EventPipeline?, when go: Monitor<Bool?>?
    ) throws(SystemError) -> (plan: CollectionPlan, change: ProbeChange) {
        var environment = environment
        environment.events = events?.outlet
        var entries: [CollectionPlan.Entry] = []
        var change = ProbeChange()
        for run in configuration.runs {
            guard let probe = probes.first(where: { $0.definition.name == run.settings.name }) else { continue }
            let previous = old.first { $0.runner.key.name == run.settings.name }
            let deadline = run.settings.deadline ?? configuration.metrics.deadline
            if var entry = previous, entry.runner.key == ProbeRunner.Key(run) {
                entry.purpose = run.purpose
                entry.deadline = deadline
                entries.append(entry)
                change.kept.append(entry.runner.key.name)
                continue
            }
            let runner: ProbeRunner
            do throws(SystemError) {
                runner = try ProbeRunner(probe, run, environment: environment, turn: turn, backoff: backoff) {
                    guard let go else { return true }
                    guard go.wait(for: { $0 }) == true else { return false }
                    previous?.runner.waitForEnd(until: .now + Self.patience)
                    return true
                }
            } catch {
                go?.update { $0 = false }
                for entry in entries where !old.contains(where: { $0.runner === entry.runner }) { entry.runner.stop() }
                throw error
            }
            entries.append(
                CollectionPlan.Entry(runner: runner, purpose: run.purpose, deadline: deadline, isAwaited: go == nil))
            if previous == nil {
                change.started.append(run.settings.name)
            } else {
                change.restarted.append(run.settings.name)
            }
        }
        let names = Set(entries.map(\.runner.key.name))
        change.stopped = old.map(\.runner.key.name).filter { !names.contains($0) }
        return (CollectionPlan(entries: entries, configuration: configuration, events: events), change)
    }
}
