// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopProbes
import SkoopSystem

/// Which probes are collected and how; a reload brings another one.
struct CollectionPlan: Sendable {
    /// A probe and what of it is wanted.
    struct Entry: Sendable {
        var runner: ProbeRunner
        /// What it runs for.
        var purpose: Configuration.ProbeRun.Purpose
        /// How long one collection may take.
        var deadline: Duration
        /// Whether a collection waits for it to be prepared; one that a reload has started is not waited for.
        var isAwaited = true

        /// Whether it is to be asked.
        var isAskable: Bool { isAwaited || runner.status.update { $0.state != .starting } }
    }

    /// The probes in the order of export.
    var entries: [Entry]
    /// Limits and names.
    var configuration: Configuration
    /// Where events go; `nil` where nobody wants any.
    var events: EventPipeline?

    /// Whether probes have to be looked after when nobody asks for metrics.
    var needsAttendance: Bool { events != nil && entries.contains { $0.purpose.contains(.events) } }
}

extension ProbeError {
    /// Of a probe that a reload has started and that is not ready yet.
    static let starting = ProbeError(.deadline, "the probe is being prepared")
}
