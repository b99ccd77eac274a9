// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import SkoopProbes
import SkoopSystem
import Synchronization

/// Gives findings to the events' pipeline, so that they reach the sinks like everything else that happens.
final class FindingSource: EventSource {
    let probe = AnalysisMetric.probe
    /// Looked at now and then; findings are rare and nobody waits for the millisecond.
    let fileDescriptor: Int32 = -1
    private let outlet: EventOutlet?
    private let state = Mutex((events: [ProbeEvent](), counts: EventCounts()))

    /// Makes a source that joins the others with its first event.
    init(_ outlet: EventOutlet?) { self.outlet = outlet }

    /// Leaves the others.
    func end() { outlet?.remove(self) }

    /// Reports what has begun and what has ended.
    func report(_ changes: [FindingWatch.Change]) {
        guard let outlet, !changes.isEmpty else { return }
        let events = changes.map { change in
            switch change {
            case .begun(let finding): Self.event(.found, finding)
            case .ended(let finding): Self.event(.ended, finding)
            }
        }
        let isFirst = state.withLock { state in
            state.events += events
            state.counts.emitted += UInt64(events.count)
            return state.counts.emitted == UInt64(events.count)
        }
        if isFirst { outlet.add(self) }
    }

    func drain(_ deliver: (ProbeEvent) -> Void) throws(ProbeError) {
        let events = state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
        for event in events { deliver(event) }
    }

    var counts: EventCounts { state.withLock { $0.counts } }

    private static func event(_ event: FindingEvent, _ finding: Finding) -> ProbeEvent {
        let percent = Int64((finding.confidence * 100).rounded())
        return ProbeEvent(
            event.type, time: MonotonicTime.now.nanoseconds, namespace: finding.subject.entity.namespace,
            values: [
                .string(finding.rule.id), .string(finding.rule.cause), .string(finding.rule.symptom),
                .integer(percent), .list(finding.observations.map(\.text)), .list(finding.rule.advice),
                .list(finding.consequences.map(\.rule.id)), .duration(finding.to - finding.from),
            ],
            message: "\(finding.rule.cause) (\(percent) %)")
    }
}
