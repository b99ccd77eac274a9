// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// How the events of one probe fared at a sink: `offered` = `delivered` + all of `lost` + `queued`.
///
/// A folded event counts by its number, as in ``ProbeEventStatus/reported``, so that what was offered is what was reported.
public struct SinkTally: Sendable, Hashable {
    /// Events that the sink was offered.
    public var offered: UInt64 = 0
    /// Events that arrived.
    public var delivered: UInt64 = 0
    /// Events that wait.
    public var queued: UInt64 = 0
    /// Events that got lost, by cause: `queue-full`, `spool-full`, `stopped`, or the reason of a ``SinkError``.
    public var lost: [String: UInt64] = [:]

    /// Makes an empty one.
    public init() {}
}

extension [String: SinkTally] {
    /// Counts events under their probes.
    mutating func count(_ events: some Sequence<Event>, _ add: (inout SinkTally, UInt64) -> Void) {
        // Most neighbours are of one probe.
        var run: (probe: String, count: UInt64)?
        for event in events {
            if run?.probe == event.type.probe {
                run?.count += event.count
            } else {
                if let run { add(&self[run.probe, default: SinkTally()], run.count) }
                run = (event.type.probe, event.count)
            }
        }
        if let run { add(&self[run.probe, default: SinkTally()], run.count) }
    }
}
