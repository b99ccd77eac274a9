// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// Turns times of `CLOCK_MONOTONIC`, which programs in the kernel have, into the time of day.
///
/// What lies between the two is looked up again and again, so that a clock that is set or slewed is followed at once.
struct WallClock: Sendable {
    private let monotonic: @Sendable () -> UInt64
    private let wall: @Sendable () -> UInt64
    /// The last reading of the monotonic clock.
    private(set) var now: UInt64 = 0
    /// The time of day less the monotonic time.
    private var offset: UInt64 = 0

    /// Reads the given clocks.
    init(
        monotonic: @escaping @Sendable () -> UInt64 = { MonotonicTime.now.nanoseconds },
        wall: @escaping @Sendable () -> UInt64 = { SystemClock.wall }
    ) {
        self.monotonic = monotonic
        self.wall = wall
        update()
    }

    /// Reads both clocks.
    mutating func update() {
        let before = monotonic()
        let time = wall()
        let after = monotonic()
        now = after
        let found = time &- (before + (after - before) / 2)
        // Readings differ by chance; an interval between two events must not.
        let error = Int64(bitPattern: found &- offset).magnitude
        if error > 100_000 { offset = found }
    }

    /// The time of day of a moment; of what cannot be (0, the future) now's.
    func time(of moment: UInt64) -> UInt64 { (moment == 0 || moment > now ? now : moment) &+ offset }
}
