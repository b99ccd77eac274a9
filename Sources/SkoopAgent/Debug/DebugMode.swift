// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import SkoopProbes
import Synchronization

/// What an agent does in debug mode only, since it costs: lines in the log, and the kernel's measuring of programs.
final class DebugMode: Sendable {
    private struct State: ~Copyable {
        var clock: BPFRunClock?
        var hindrance: String?
    }

    let log: AgentLog
    private let state = Mutex(State(clock: nil, hindrance: nil))

    init(_ log: AgentLog) { self.log = log }

    /// Whether it is on.
    var isOn: Bool { log.isDebug }

    /// Why runs of programs are not measured; `nil` where they are.
    var hindrance: String? { state.withLock { $0.hindrance } }

    /// Switches it on or off.
    func turn(_ isOn: Bool) {
        log.isDebug = isOn
        state.withLock { state in
            state.hindrance = nil
            guard isOn else {
                state.clock = nil
                return
            }
            let isMeasuring =
                switch state.clock {
                case .none: false
                case .some: true
                }
            if isMeasuring { return }
            do throws(BPFError) {
                state.clock = try BPFRunClock()
            } catch {
                state.hindrance = "\(error)"
            }
        }
    }
}

extension Agent {
    /// What `/debug` shows now; `nil` unless in debug mode.
    var debugPage: DebugPage? {
        guard debug.isOn else { return nil }
        let probes = collector.runners.map { runner in
            let details = runner.programs.details(countingAtMost: DebugPage.countedEntries)
            return (runner.key.name, details, details.programs.reduce(0) { $0 + $1.missed })
        }
        return DebugPage(probes: probes, events: events.map { EventStatus($0) }, hindrance: debug.hindrance)
    }
}
