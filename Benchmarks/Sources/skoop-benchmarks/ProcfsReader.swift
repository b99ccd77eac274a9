// SPDX-License-Identifier: Apache-2.0
import CBenchmark

/// The usual way: open, read, close of files below `/proc/<pid>` for one process of each namespace, in C, nothing parsed.
struct ProcfsReader {
    /// The files, relative to `/proc/<pid>`.
    let files: [String]
    /// Whether the files say the same in every namespace, so that one process is enough.
    var hostOnly = false

    /// The cost of one round in nanoseconds; `nil` where this kernel has none of the files.
    func read(_ processes: [pid_t]) -> UInt64? {
        var list = files.flatMap { $0.utf8CString }
        list.append(0)
        let pids = hostOnly ? Array(processes.prefix(1)) : processes
        guard bench_read_procfs(pids, 1, list) > 0 else { return nil }
        return Repeated.measure { _ = bench_read_procfs(pids, pids.count, list) }
    }
}
