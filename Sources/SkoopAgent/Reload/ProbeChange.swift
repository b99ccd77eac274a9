// SPDX-License-Identifier: Apache-2.0

/// What a reload has done with the probes, by name.
public struct ProbeChange: Sendable, Hashable {
    /// Probes that run on as they were, with their counters.
    public var kept: [String] = []
    /// Probes that were not there.
    public var started: [String] = []
    /// Probes that began anew, since their arguments, their source or whether they report events changed.
    public var restarted: [String] = []
    /// Probes that are gone.
    public var stopped: [String] = []

    /// Makes one of nothing.
    public init() {}
}
