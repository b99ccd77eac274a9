// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// What is needed of `/proc/<pid>/stat`; source: `fs/proc/array.c`, `do_task_stat`.
struct ProcessStat {
    /// Field 22: when the process started, in clock ticks since boot.
    var startTime: UInt64

    /// Parses the file; `nil` where it does not have the form.
    init?(_ bytes: Span<UInt8>) {
        // The name in field 2 is the program's to choose and may hold spaces, parentheses and newlines; nothing behind it
        // has a parenthesis.
        guard let close = bytes.indices.last(where: { bytes[$0] == UInt8(ascii: ")") }) else { return nil }
        var scanner = ByteScanner(bytes.extracting((close + 1)...))
        scanner.skipTokens(19)
        guard let startTime = scanner.decimal() else { return nil }
        self.startTime = startTime
    }
}
