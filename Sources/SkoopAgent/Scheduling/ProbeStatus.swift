// SPDX-License-Identifier: Apache-2.0
public import SkoopProbes

/// What is known of a running probe.
public struct ProbeStatus: Sendable, Hashable {
    /// Where a probe stands; the words are KubeSkoop's.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Being prepared for the first time.
        case starting = "Starting"
        /// Ready, whether or not its last collection succeeded.
        case running = "Running"
        /// Could not be prepared; tried again later.
        case failed = "Failed"
    }

    /// The probe's name.
    public var name: String
    /// What it runs for.
    public var purpose: Configuration.ProbeRun.Purpose
    /// Where it stands.
    public var state = State.starting
    /// The source in use and why no better one; `nil` until the probe is ready.
    public var source: SourceChoice?
    /// Why it could not be prepared, or why its last collection failed.
    public var error: ProbeError?
    /// How long the last finished collection took.
    public var duration: Duration?
    /// Whether the last collection delivered in time.
    public var succeeded = false
    /// Series of the last page.
    public var series = 0
    /// Collections that were finished, in time or not.
    public var collections: UInt64 = 0
    /// Collections and preparations that failed.
    public var failures: UInt64 = 0
    /// Collections that were not finished by the deadline.
    public var timeouts: UInt64 = 0
    /// Scrapes that did without the probe because an earlier collection was still running.
    public var skipped: UInt64 = 0
    /// How often the kernel left out a run of one of its programs, by program.
    public var missedRuns: [String: UInt64] = [:]
    /// Values that could not be read, by cause.
    public var problems: [String: UInt64] = [:]

    /// Makes the status of a probe that starts.
    public init(name: String, purpose: Configuration.ProbeRun.Purpose = .metrics) {
        self.name = name
        self.purpose = purpose
    }
}
