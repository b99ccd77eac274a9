// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Seconds, for texts and self-metrics.
    var seconds: Double { self / .seconds(1) }

    /// Whole nanoseconds; negative durations count as zero.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
