// SPDX-License-Identifier: Apache-2.0
public import SkoopProbes

/// How the events of a probe fared until now: `emitted` = `reported` + all of `lost` + `pending`.
public struct ProbeEventStatus: Sendable, Hashable {
    /// The probe's name.
    public var probe: String
    /// Events that there were.
    public var emitted: UInt64
    /// Events that went to the sinks and the live stream, folded ones by their number.
    public var reported: UInt64
    /// Events that got lost before that, by cause: `ring-full`, `buffer-full`, `discarded`, `rate-limited`,
    /// `source-failed`, `probe-ended`.
    public var lost: [String: UInt64]
    /// Why the probe's events are read no longer.
    public var error: ProbeError?

    /// Events on their way: in a ring buffer, gathered as repeats, or waiting for their namespace to be known.
    public var pending: UInt64 { emitted - min(emitted, lost.values.reduce(reported, +)) }
}
