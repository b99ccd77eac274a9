// SPDX-License-Identifier: Apache-2.0

/// A limit on processor time, as of a container with a CPU limit; gone when the value goes or this process dies.
///
/// Needs CONFIG_CFS_BANDWIDTH. Source: `kernel/sched/fair.c`.
public final class CPUQuota: Sendable {
    /// What the kernel says about it.
    public struct Statistics: Sendable, Hashable {
        /// Periods in which something ran.
        public var periods: Int
        /// Periods in which it was stopped.
        public var throttledPeriods: Int
    }

    // With version 1 in the hierarchy of the controller alone: elsewhere the process stays where it is.
    private let group: ControlGroup

    /// Makes a group in which all together may run for so long in each period.
    public init(_ quota: Duration = .milliseconds(10), every period: Duration = .milliseconds(100)) throws {
        let (quota, period) = (Int(quota / .microseconds(1)), Int(period / .microseconds(1)))
        group = try ControlGroup(
            controllers: ("cpu", "cpu"),
            limits: (
                [("cpu.cfs_period_us", "\(period)"), ("cpu.cfs_quota_us", "\(quota)")],
                [("cpu.max", "\(quota) \(period)")]
            ))
    }

    /// Limits a process.
    public func add(process pid: Int32) throws { try group.add(process: pid) }

    /// Whether single threads can be limited: with version 1 of control groups.
    public var takesThreads: Bool { group.isVersion1 }

    /// Limits the calling thread for good, where ``takesThreads``.
    public func enter() throws { try group.enter() }

    /// What the kernel says now.
    public func statistics() throws -> Statistics {
        let values = try group.values(of: "cpu.stat")
        return Statistics(periods: values["nr_periods"] ?? 0, throttledPeriods: values["nr_throttled"] ?? 0)
    }
}
