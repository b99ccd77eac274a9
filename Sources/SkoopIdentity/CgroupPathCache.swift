// SPDX-License-Identifier: Apache-2.0
public import SkoopSystem

/// The control groups of processes, read from `/proc` once and again from time to time.
///
/// Opening and reading `/proc/<pid>/cgroup` costs more than everything else that is to be known of a process, while the
/// answer hardly ever changes. A process is looked up again at the scan after the one that found it, since a runtime moves
/// a container's first process a moment after it started it, and then at every sixteenth. A value is owned by one thread.
public struct CgroupPathCache: ~Copyable, Sendable {
    /// Where a process is, see ``HostProcess/cgroup`` and ``HostProcess/cpuCgroup``.
    public struct Paths: Sendable, Hashable {
        /// The control group that tells whose the process is.
        public var path: String
        /// Another one, by which its use of CPUs is limited.
        public var cpu: String?
    }

    private struct Known {
        var stamp: UInt64
        var paths: Paths
        var foundInScan: UInt64
        var seenInScan: UInt64
    }

    /// At how many scans a known process is looked up once.
    private static let rotation: UInt64 = 16

    private var known: [Int32: Known] = [:]
    private var buffer = FileBuffer(capacity: 4096)
    private var scan: UInt64 = 0
    private var seen = 0

    /// Makes an empty cache.
    public init() {}

    /// Begins a scan of all processes.
    public mutating func beginScan() {
        scan += 1
        seen = 0
    }

    /// Ends a scan: processes that were not asked for are forgotten.
    public mutating func endScan() {
        guard seen != known.count else { return }
        let scan = scan
        known = known.filter { $0.value.seenInScan == scan }
    }

    /// The control groups of a process: the paths below the roots of their hierarchies.
    ///
    /// - Parameters:
    ///   - pid: the process.
    ///   - stamp: differs between processes of the same number, and at best also when a process changes its control group:
    ///     the start time, combined with the number of the control group where that is known.
    ///   - proc: the directory `/proc`.
    /// - Throws: when the process is gone.
    public mutating func paths(
        of pid: Int32, stamp: UInt64, in proc: borrowing FileDescriptor
    ) throws(SystemError) -> Paths {
        let old = known[pid]
        if let old, old.stamp == stamp, !isDue(pid, foundInScan: old.foundInScan) {
            if old.seenInScan != scan {
                known[pid]?.seenInScan = scan
                seen += 1
            }
            return old.paths
        }
        try buffer.read("\(pid)/cgroup", in: proc)
        // The old text where nothing changed: comparing a string with itself is free.
        var kept = Paths(path: CgroupFile.path(in: buffer.bytes), cpu: CgroupFile.cpuPath(in: buffer.bytes))
        if kept.cpu == kept.path { kept.cpu = nil }
        if let old, old.paths == kept { kept = old.paths }
        if old?.seenInScan != scan { seen += 1 }
        let found = old?.stamp == stamp ? old?.foundInScan ?? scan : scan
        known[pid] = Known(stamp: stamp, paths: kept, foundInScan: found, seenInScan: scan)
        return kept
    }

    private func isDue(_ pid: Int32, foundInScan: UInt64) -> Bool {
        scan == foundInScan + 1 || (scan &+ UInt64(truncatingIfNeeded: pid)) % Self.rotation == 0
    }
}
