// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopProbes

extension ProbeState {
    /// What each probe could have seen: those that run for events only export no metrics, and the other way round.
    static func all(of probes: [ProbeStatus], available: [ProbeDefinition]) -> [String: ProbeState] {
        var states: [String: ProbeState] = [:]
        for definition in available {
            states[definition.name] = .off
            states[EvidenceKey.events(of: definition.name)] = .off
        }
        for probe in probes {
            let state: ProbeState =
                probe.state == .running && probe.error == nil
                ? .running : .failed(probe.error?.message ?? "it is being prepared")
            if probe.purpose.contains(.metrics) { states[probe.name] = state }
            if probe.purpose.contains(.events) { states[EvidenceKey.events(of: probe.name)] = state }
        }
        return states
    }
}
