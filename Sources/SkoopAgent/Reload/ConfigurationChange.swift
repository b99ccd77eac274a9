// SPDX-License-Identifier: Apache-2.0

/// What a reload has changed.
public struct ConfigurationChange: Sendable, Hashable {
    /// What it did with the probes.
    public var probes = ProbeChange()
    /// Other parts of the configuration that are different now: `event.sinks`, `limits` and so on.
    public var parts: [String] = []
    /// Keys whose new values hold only after a restart, since the old ones are in use: addresses, the node's name.
    public var needsRestart: [String] = []

    /// Makes one of nothing.
    public init() {}

    /// A line for each kind of change, for the log and `/status`; none where nothing is different.
    public var lines: [String] {
        let kinds = [
            ("probes started", probes.started), ("probes stopped", probes.stopped),
            ("probes restarted", probes.restarted), ("changed", parts), ("needs a restart", needsRestart),
        ]
        return kinds.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
    }
}
