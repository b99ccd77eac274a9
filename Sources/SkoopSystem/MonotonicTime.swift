// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A moment of the monotonic clock (`CLOCK_MONOTONIC`), which no clock adjustment moves.
public struct MonotonicTime: Sendable, Hashable, Comparable {
    /// Nanoseconds since an arbitrary moment, usually the boot.
    public var nanoseconds: UInt64

    /// Wraps a reading.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The moment of the call.
    public static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// The time from `earlier` until this moment; zero when `earlier` is not earlier.
    public func since(_ earlier: MonotonicTime) -> Duration {
        .nanoseconds(Int64(clamping: nanoseconds - min(nanoseconds, earlier.nanoseconds)))
    }

    /// A later moment.
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (seconds, attoseconds) = duration.components
        let added = UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
        return MonotonicTime(nanoseconds: time.nanoseconds + added)
    }

    /// Orders by time.
    public static func < (one: MonotonicTime, other: MonotonicTime) -> Bool { one.nanoseconds < other.nanoseconds }
}
