// SPDX-License-Identifier: Apache-2.0

/// How a sink does: every event it was offered was delivered, got lost for a cause that is counted, or is queued.
public struct SinkStatus: Sendable, Hashable {
    /// Where a sink stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Being prepared for the first time.
        case starting = "Starting"
        /// Ready.
        case running = "Running"
        /// Does not take events at the moment; they wait.
        case retrying = "Retrying"
        /// Will never take an event.
        case failed = "Failed"
    }

    /// The sink's name.
    public var name: String
    /// Where it stands.
    public var state = State.starting
    /// Where events go; empty until the sink is ready.
    public var target = ""
    /// Why it does not take events, or why it lost the last ones it lost.
    public var error: SinkError?
    /// How the events of each probe fared, by the probe's name; folded ones count by their number.
    public var probes: [String: SinkTally] = [:]
    /// Deliveries that did not work, by the reason of their error.
    public var failures: [String: UInt64] = [:]
    /// Deliveries that have to be repeated.
    public var retries: UInt64 = 0

    /// Makes the status of a sink that starts.
    public init(name: String) { self.name = name }

    /// Events of all probes that it was offered.
    public var offered: UInt64 { probes.values.reduce(0) { $0 + $1.offered } }
    /// Events of all probes that arrived.
    public var delivered: UInt64 { probes.values.reduce(0) { $0 + $1.delivered } }
    /// Events of all probes that wait.
    public var queued: UInt64 { probes.values.reduce(0) { $0 + $1.queued } }
    /// Events of all probes that got lost, by cause; see ``SinkTally/lost``.
    public var lost: [String: UInt64] {
        probes.values.reduce(into: [:]) { sum, tally in sum.merge(tally.lost) { $0 + $1 } }
    }
}
