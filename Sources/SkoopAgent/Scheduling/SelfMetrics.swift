// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem

/// Makes the families in which the agent tells of itself.
struct SelfMetrics {
    private var families: [Family] = []

    /// The families after a collection.
    static func families(
        probes: [ProbeStatus], collector: CollectorStatus, events: EventPipeline? = nil, reload: ReloadStatus,
        identity: [IdentityStatus] = [], analysis: [Family] = []
    ) -> [Family] {
        var metrics = SelfMetrics()
        metrics.add(probes)
        if let events { metrics.add(EventStatus(events)) }
        metrics.add(.seriesDropped, collector.cut)
        metrics.add(.series, UInt64(collector.series))
        metrics.add(.scrapeDuration, collector.duration.wholeNanoseconds)
        metrics.add(.configSuccess, reload.isSuccessful ? 1 : 0)
        metrics.add(.configTime, reload.successTime / 1_000_000)
        metrics.add(identity)
        metrics.add(.buildInfo) { $0.append(1, labels: [AgentVersion.current]) }
        metrics.add(ProcessUsage())
        return (metrics.families + analysis).filter { $0.count > 0 }
    }

    private mutating func add(_ probes: [ProbeStatus]) {
        add(.probeDuration) { family in
            for probe in probes {
                if let duration = probe.duration { family.append(duration.wholeNanoseconds, labels: [probe.name]) }
            }
        }
        add(.probeSuccess) { family in
            for probe in probes { family.append(probe.succeeded ? 1 : 0, labels: [probe.name]) }
        }
        add(.probeSource) { family in
            for probe in probes {
                if let source = probe.source?.source { family.append(1, labels: [probe.name, source.rawValue]) }
            }
        }
        add(.probeProblems) { family in
            for probe in probes {
                for (cause, count) in probe.problems.sorted(by: { $0.key < $1.key }) {
                    family.append(count, labels: [probe.name, cause])
                }
            }
        }
        add(.probeDeadlineExceeded) { family in
            for probe in probes { family.append(probe.timeouts, labels: [probe.name]) }
        }
        add(.programMissed) { family in
            for probe in probes {
                for (program, count) in probe.missedRuns.sorted(by: { $0.key < $1.key }) {
                    family.append(count, labels: [probe.name, program])
                }
            }
        }
    }

    private mutating func add(_ identity: [IdentityStatus]) {
        add(.identityUp) { family in
            for source in identity { family.append(source.failure == nil ? 1 : 0, labels: [source.name]) }
        }
        add(.identityPods) { family in
            for source in identity { family.append(UInt64(source.pods), labels: [source.name]) }
        }
        add(.identityObjects) { family in
            for source in identity {
                for part in source.parts { family.append(UInt64(part.objects), labels: [source.name, part.name]) }
            }
        }
        add(.identityTime) { family in
            for source in identity where source.lastAnswer > 0 {
                family.append(source.lastAnswer / 1_000_000, labels: [source.name])
            }
        }
        add(.identityFailures) { family in
            for source in identity {
                for (reason, count) in source.failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    family.append(count, labels: [source.name, reason.rawValue])
                }
            }
        }
    }

    private mutating func add(_ usage: ProcessUsage) {
        add(.processCPU, usage.cpuTime)
        add(.processResidentMemory, usage.residentMemory)
        add(.processVirtualMemory, usage.virtualMemory)
        add(.processOpenFDs, usage.openDescriptors)
        add(.processMaxFDs, usage.maxDescriptors)
        add(.processStartTime, usage.startTime)
    }

    private mutating func add(_ events: EventStatus) {
        add(.emitted) { family in for probe in events.probes { family.append(probe.emitted, labels: [probe.probe]) } }
        add(.reported) { family in for probe in events.probes { family.append(probe.reported, labels: [probe.probe]) } }
        add(.lost) { family in
            for probe in events.probes {
                for (cause, count) in probe.lost.sorted(by: { $0.key < $1.key }) {
                    family.append(count, labels: [probe.probe, cause])
                }
            }
        }
        addSinks(events, .delivered) { [($0.delivered, [])] }
        addSinks(events, .undelivered) { tally in
            tally.lost.sorted { $0.key < $1.key }.map { ($0.value, [$0.key]) }
        }
        addSinks(events, .queued) { [($0.queued, [])] }
        add(.sinkFailures) { family in
            for sink in events.sinks {
                for (reason, count) in sink.failures.sorted(by: { $0.key < $1.key }) {
                    family.append(count, labels: [sink.name, reason])
                }
            }
        }
        add(.sinkUp) { family in
            for sink in events.sinks { family.append(sink.state == .running ? 1 : 0, labels: [sink.name]) }
        }
    }

    /// Adds values of every sink and probe; each comes with what it has of labels besides these.
    private mutating func addSinks(
        _ events: EventStatus, _ metric: SelfEventMetric, _ values: (SinkTally) -> [(UInt64, [String])]
    ) {
        add(metric) { family in
            for sink in events.sinks {
                for (probe, tally) in sink.probes.sorted(by: { $0.key < $1.key }) {
                    for (value, more) in values(tally) { family.append(value, labels: [sink.name, probe] + more) }
                }
            }
        }
    }

    private mutating func add(_ metric: SelfEventMetric, _ fill: (inout Family) -> Void) {
        var family = Family(metric.metric)
        fill(&family)
        families.append(family)
    }

    private mutating func add(_ metric: SelfMetric, _ value: UInt64) { add(metric) { $0.append(value) } }

    private mutating func add(_ metric: SelfMetric, _ counts: [String: UInt64]) {
        add(metric) { family in
            for (name, count) in counts.sorted(by: { $0.key < $1.key }) { family.append(count, labels: [name]) }
        }
    }

    private mutating func add(_ metric: SelfMetric, _ fill: (inout Family) -> Void) {
        var family = Family(metric.metric)
        fill(&family)
        families.append(family)
    }
}
