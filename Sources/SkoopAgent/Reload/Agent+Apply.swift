// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopKubernetes
import SkoopProbes
import SkoopSystem
public import SkoopYAML
import Synchronization

extension Agent {
    /// Goes over to another configuration while everything runs; pages are answered meanwhile.
    ///
    /// Probes whose definition, arguments, source and purpose stay run on with their counters, sinks that stay with their
    /// queues. Returns when new probes are prepared, or have had ten seconds for it.
    ///
    /// - Parameters:
    ///   - loaded: the configuration, which has been looked at as a whole.
    ///   - reason: why, for the log.
    /// - Throws: where the system does not allow it.
    public func apply(_ loaded: LoadedConfiguration, reason: String) throws(ConfigurationErrors) {
        let change: ConfigurationChange
        do throws(SystemError) {
            change = try applying.withLock { (_) throws(SystemError) in try exchange(loaded) }
        } catch {
            throw ConfigurationErrors([
                ConfigurationError(file: file, "cannot be applied, the system refuses a thread: \(error)")
            ])
        }
        let now = SystemClock.wall
        // The first look at a file that the agent was started with is no reload unless it has changed since.
        let isReload = reason != "start" || !change.lines.isEmpty
        boards.reload.update { status in
            status.isSuccessful = true
            status.errors = []
            status.reason = reason
            status.time = now
            status.successTime = now
            status.change = change
            if isReload { status.successes += 1 }
        }
        if isReload {
            let lines = change.lines.isEmpty ? ["nothing is different"] : change.lines
            log.line("configuration read again (\(reason)): \(lines.joined(separator: "; "))")
        }
        let fresh = Set(change.probes.started + change.probes.restarted)
        if !fresh.isEmpty { collector.waitUntilPrepared(for: .seconds(10)) }
        let isTalkative = debug.isOn && change.parts.contains("debugMode")
        report { isTalkative || fresh.contains($0) }
    }

    /// Notes that a configuration could not be used; nothing changes.
    public func refuse(_ errors: ConfigurationErrors, reason: String) {
        boards.reload.update { status in
            status.isSuccessful = false
            status.errors = errors.errors.map(\.description)
            status.reason = reason
            status.time = SystemClock.wall
            status.failures += 1
        }
        for error in errors.errors { log.line("error: \(error)") }
        log.line("configuration not used (\(reason)); the one before it is in force")
    }

    /// Says in the log of every probe that cannot run why, and of those that run from a lesser source; in debug mode of
    /// all.
    public func report() { report { _ in true } }

    private func report(_ isMeant: (String) -> Bool) {
        for probe in collector.probes where isMeant(probe.name) {
            if let error = probe.error, error != .starting {
                log.line("probe \(probe.name) does not run: \(error.reason.rawValue): \(error.message)")
            } else if let choice = probe.source, !choice.reason.isEmpty || log.isDebug {
                let hooks = choice.hooks.isEmpty ? "" : " at \(choice.hooks.joined(separator: ", "))"
                let reason = choice.reason.isEmpty ? "" : ": \(choice.reason)"
                log.line("probe \(probe.name) reads \(choice.source.rawValue)\(hooks)\(reason)")
            }
        }
    }

    private func exchange(_ loaded: LoadedConfiguration) throws(SystemError) -> ConfigurationChange {
        let old = parts.withLock { $0 }
        var new = loaded.configuration
        var change = ConfigurationChange()
        change.needsRestart = new.keepWhatIsFixed(of: old.configuration)
        change.parts = new.differences(from: old.configuration)
        if let settings = census.settings {
            if settings.mappings != loaded.mappings { change.parts.append("pods of the mapping file") }
            settings.update(mappings: loaded.mappings, additionalLabels: new.metrics.additionalLabels)
        } else if new.metrics.additionalLabels != old.configuration.metrics.additionalLabels {
            change.needsRestart.append("metrics.additionalLabels")
        }
        if new.runtime != old.configuration.runtime {
            let sources = identity.compactMap { $0 as? RuntimePods }
            for source in sources { source.change(new.runtime) }
            if sources.isEmpty {
                change.needsRestart.append("runtime")
                new.runtime = old.configuration.runtime
            } else {
                change.parts.append("runtime")
            }
        }
        var events = old.events
        if let events {
            try events.apply(new.limits.events, sinks: new.pipelineSinks(sinkKinds))
        } else if Self.wantsEvents(new, available) {
            let log = log
            events = try Self.pipeline(new, sinkKinds, census.board, host) { log.line($0) }
        }
        parts.withLock { parts in
            parts.configuration = new
            parts.events = events
        }
        change.probes = try collector.apply(new, events: events)
        if new.analysis != old.configuration.analysis || old.events == nil && events != nil {
            var runner: AnalysisRunner?
            if !new.analysis.isEnabled {
                old.analysis?.stop()
                boards.analysis.update { $0 = AnalysisReport() }
            } else if let running = old.analysis {
                running.change(new.analysis, events: events)
                runner = running
            } else {
                runner = try AnalysisRunner(
                    new.analysis, boards.analysis, node: new.nodeName, collector: collector, events: events,
                    available: available)
            }
            parts.withLock { $0.analysis = runner }
        }
        debug.turn(new.debugMode)
        return change
    }
}

extension Configuration {
    /// Takes over what cannot change while an agent runs.
    ///
    /// - Returns: the keys where that made a difference.
    fileprivate mutating func keepWhatIsFixed(of old: Configuration) -> [String] {
        var keys: [String] = []
        func keep<Value: Equatable>(_ key: String, _ value: inout Value, _ old: Value) {
            if value != old { keys.append(key) }
            value = old
        }
        keep("address", &address, old.address)
        keep("admin", &admin, old.admin)
        keep("node", &node, old.node)
        keep("btf", &btf, old.btf)
        keep("sidecar", &isSidecar, old.isSidecar)
        keep("cluster", &cluster, old.cluster)
        return keys
    }

    /// The parts, other than the probes, that are not as in another configuration.
    fileprivate func differences(from old: Configuration) -> [String] {
        [
            ("debugMode", debugMode != old.debugMode),
            ("metrics.additionalLabels", metrics.additionalLabels != old.metrics.additionalLabels),
            ("metrics.compatNames", metrics.compatNames != old.metrics.compatNames),
            ("metrics.bucketStep", metrics.bucketStep != old.metrics.bucketStep),
            ("deadlines", deadlines != old.deadlines),
            ("metrics.mapping", metrics.mapping != old.metrics.mapping),
            ("event.sinks", event.sinks != old.event.sinks),
            ("analysis", analysis != old.analysis),
            ("limits", limits != old.limits),
        ].filter(\.1).map(\.0)
    }

    private var deadlines: [Duration?] { [metrics.deadline] + metrics.probes.map(\.deadline) }
}
