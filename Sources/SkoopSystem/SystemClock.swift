// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The kernel's clocks besides the monotonic one (``MonotonicTime``), in nanoseconds.
public enum SystemClock {
    /// Time since 1970-01-01T00:00:00Z; jumps when the clock is set.
    public static var wall: UInt64 { read(CLOCK_REALTIME) }

    /// Time since boot, sleep included; the clock of process start times.
    public static var boot: UInt64 { read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
