// SPDX-License-Identifier: Apache-2.0

/// Reads the time that is to be looked at.
public enum TimeWindow {
    /// The time that ends at a moment and begins so long before.
    ///
    /// - Parameters:
    ///   - at: see ``Moment``; nil for now.
    ///   - window: a duration, for example `15m`; nil for 15 minutes where `at` is given.
    ///   - now: nanoseconds since 1970.
    /// - Returns: nanoseconds since 1970; nil where neither is given.
    public static func range(
        at: String?, window: String?, now: UInt64
    ) throws(EvidenceError) -> ClosedRange<UInt64>? {
        guard at != nil || window != nil else { return nil }
        var end = now
        if let at {
            guard let moment = Moment.parse(at, now: now) else {
                throw EvidenceError("--at", "'\(at)' is no time; allowed is \(Moment.allowed)")
            }
            guard moment <= now else { throw EvidenceError("--at", "'\(at)' is in the future") }
            end = moment
        }
        let length = try length(window ?? "15m", of: "--window")
        return end - min(end, length)...end
    }

    /// A duration as text, in nanoseconds: a whole number of `s`, `m`, `h` or `d`, above zero and up to 30 days.
    public static func length(_ text: String, of option: String) throws(EvidenceError) -> UInt64 {
        let day: UInt64 = 86_400_000_000_000
        // So long ago, counted from a time that is far enough from zero, is so long.
        let moment = text.last.map { "smhd".contains($0) } == true ? Moment.parse(text, now: 40 * day) : nil
        guard let moment, moment < 40 * day, moment >= 10 * day else {
            throw EvidenceError(option, "'\(text)' is no duration such as 90s, 15m or 2h, up to 30 days")
        }
        return 40 * day - moment
    }
}
