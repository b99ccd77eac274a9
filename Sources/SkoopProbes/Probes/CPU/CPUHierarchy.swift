// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopSystem

/// Where the `cpu` controller of control groups is on this host, and how its files read.
struct CPUHierarchy: Sendable {
    /// What one control group says of its CPU limit.
    struct Bandwidth: Equatable {
        /// Enforcement periods that passed while it had work.
        var periods: UInt64
        /// Those in which it used up its quota.
        var throttledPeriods: UInt64
        /// Nanoseconds for which it was throttled, summed over CPUs.
        var throttledTime: UInt64
        /// Thousandths of a CPU it may use; `nil` where it has no limit.
        var limit: UInt64?

        /// The values that only grow.
        var counters: [UInt64] { [periods, throttledPeriods, throttledTime] }
    }

    /// Why a control group gives no values.
    enum Failure: Error {
        /// It is gone, is the root, or the controller is not enabled in it; no problem.
        case absent
        /// A file has not the expected form.
        case malformed
        /// A file cannot be read.
        case unreadable
    }

    private enum Version {
        case one
        case two
    }

    /// Whether it is one of version 1, in which a process may be elsewhere than in the others.
    var isVersionOne: Bool { version == .one }

    private let root: String
    private let version: Version

    /// Finds the hierarchy below `/sys`; `nil` where none has the controller.
    init?(sys: String) {
        let base = sys + "/fs/cgroup"
        // Version 2 alone, the hierarchies of version 1 under their usual names, version 2 beside version 1.
        let places: [(folder: String, version: Version, file: String)] = [
            ("", .two, "cgroup.controllers"), ("/cpu,cpuacct", .one, "cpu.stat"), ("/cpu", .one, "cpu.stat"),
            ("/cpuacct,cpu", .one, "cpu.stat"), ("/unified", .two, "cgroup.controllers"),
        ]
        var buffer = FileBuffer(capacity: 1 << 10)
        for place in places {
            guard (try? buffer.read(base + place.folder + "/" + place.file)) != nil else { continue }
            if place.version == .two, !buffer.bytes.hasToken("cpu") { continue }
            root = base + place.folder
            version = place.version
            return
        }
        return nil
    }

    /// Reads one control group.
    ///
    /// - Parameter path: below the hierarchy's root, with a leading slash.
    func read(_ path: String, _ buffer: inout FileBuffer) throws(Failure) -> Bandwidth {
        let directory: FileDescriptor
        do { directory = try FileDescriptor(open: root + path, flags: O_DIRECTORY) } catch { throw Failure(error) }
        do { try buffer.read("cpu.stat", in: directory) } catch { throw Failure(error) }
        var bandwidth = try statistics(buffer.bytes)
        bandwidth.limit = try limit(directory, &buffer)
        return bandwidth
    }

    /// `cpu.stat`: `kernel/sched/core.c`, `cpu_cfs_stat_show()` and `cpu_extra_stat_show()`.
    private func statistics(_ text: Span<UInt8>) throws(Failure) -> Bandwidth {
        var (periods, throttled, time): (UInt64?, UInt64?, UInt64?)
        var isLimitable = false
        var lines = ByteScanner(text)
        while let line = lines.line() {
            var fields = ByteScanner(line)
            guard let name = fields.token() else { continue }
            if name.equals("nr_periods") {
                isLimitable = true
                periods = fields.decimal()
            } else if name.equals("nr_throttled") {
                throttled = fields.decimal()
            } else if name.equals("throttled_time") {
                time = fields.decimal()
            } else if name.equals("throttled_usec") {
                time = fields.decimal()?.multiplied(by: 1000)
            }
        }
        // The root of version 2, and groups without the controller, have the usage only.
        guard isLimitable else { throw .absent }
        guard let periods, let throttled, let time else { throw .malformed }
        return Bandwidth(periods: periods, throttledPeriods: throttled, throttledTime: time)
    }

    private func limit(_ directory: borrowing FileDescriptor, _ buffer: inout FileBuffer) throws(Failure) -> UInt64? {
        switch version {
        case .two:
            do { try buffer.read("cpu.max", in: directory) } catch { throw Failure(error) }
            var fields = ByteScanner(buffer.bytes)
            guard let quota = fields.token() else { throw .malformed }
            if quota.equals("max") { return nil }
            return try thousandths(quota.decimal, of: fields.decimal())
        case .one:
            do { try buffer.read("cpu.cfs_quota_us", in: directory) } catch { throw Failure(error) }
            var quota = ByteScanner(buffer.bytes)
            if quota.skip("-1") { return nil }
            let microseconds = quota.decimal()
            do { try buffer.read("cpu.cfs_period_us", in: directory) } catch { throw Failure(error) }
            var period = ByteScanner(buffer.bytes)
            return try thousandths(microseconds, of: period.decimal())
        }
    }

    private func thousandths(_ quota: UInt64?, of period: UInt64?) throws(Failure) -> UInt64 {
        guard let quota = quota?.multiplied(by: 1000), let period, period > 0 else { throw .malformed }
        return quota / period
    }
}

extension CPUHierarchy.Failure {
    fileprivate init(_ error: SystemError) { self = error.isAbsence ? .absent : .unreadable }
}

extension UInt64 {
    fileprivate func multiplied(by factor: UInt64) -> UInt64? {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}

extension Span<UInt8> {
    fileprivate func hasToken(_ wanted: StaticString) -> Bool {
        var scanner = ByteScanner(self)
        while let token = scanner.token() {
            if token.equals(wanted) { return true }
        }
        return false
    }
}
