// SPDX-License-Identifier: Apache-2.0

/// How a sink does: every event it was offered was delivered, got lost for a cause that is counted, or is queued.
///
/// A folded event counts once here.
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
    /// Events that it was offered.
    public var offered: UInt64 = 0
    /// Events that arrived.
    public var delivered: UInt64 = 0
    /// Events that got lost, by cause: `queue-full`, `stopped`, or the reason of a ``SinkError``.
    public var lost: [String: UInt64] = [:]
    /// Events that wait.
    public var queued = 0
    /// Deliveries that have to be repeated.
    public var retries: UInt64 = 0

    /// Makes the status of a sink that starts.
    public init(name: String) { self.name = name }
}
