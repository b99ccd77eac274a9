// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads a time as people write it.
public enum Moment {
    /// What is allowed, for messages.
    public static let allowed =
        "10:32 or 10:32:15 (the last one, by this host's clock), 2026-11-22T10:32:00 with Z or +01:00, seconds since 1970, "
        + "or so long ago, for example 20m"

    /// Nanoseconds since 1970.
    ///
    /// - Parameters:
    ///   - text: see ``allowed``.
    ///   - now: nanoseconds since 1970.
    /// - Returns: nil for any other text.
    public static func parse(_ text: String, now: UInt64) -> UInt64? {
        if let unit = text.last, let size = ["s": 1, "m": 60, "h": 3600, "d": 86_400][unit] as UInt64?,
            let count = number(text.dropLast(), most: 1_000_000_000)
        {
            return now - min(now, nanoseconds(count * size))
        }
        if let seconds = number(text[...], most: 100_000_000_000) { return nanoseconds(seconds) }
        guard let (date, clock, zone) = parts(text) else { return nil }
        guard let date else {
            guard zone == nil else { return nil }
            var wanted = time_t(now / 1_000_000_000)
            var day = tm()
            unsafe localtime_r(&wanted, &day)
            set(clock, &day)
            let today = mktime(&day)
            guard today >= 0 else { return nil }
            let time = nanoseconds(UInt64(today))
            return time > now ? time - min(time, nanoseconds(86_400)) : time
        }
        var day = tm()
        day.tm_year = Int32(date[0]) - 1900
        day.tm_mon = Int32(date[1]) - 1
        day.tm_mday = Int32(date[2])
        set(clock, &day)
        let time = zone == nil ? mktime(&day) : timegm(&day) - (zone ?? 0)
        // A day that the month has not is moved to another one.
        guard time >= 0, day.tm_mday == Int32(date[2]) else { return nil }
        return nanoseconds(UInt64(time))
    }

    /// What is later than can be counted, some centuries from now, is the last moment there is.
    private static func nanoseconds(_ seconds: UInt64) -> UInt64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product
    }

    private static func set(_ clock: [UInt64], _ day: inout tm) {
        day.tm_hour = Int32(clock[0])
        day.tm_min = Int32(clock[1])
        day.tm_sec = clock.count > 2 ? Int32(clock[2]) : 0
        day.tm_isdst = -1
    }

    /// Date, clock and the zone's distance in seconds.
    private static func parts(_ text: String) -> (date: [UInt64]?, clock: [UInt64], zone: Int?)? {
        var rest = text[...]
        var date: [UInt64]?
        if let end = rest.firstIndex(where: { $0 == "T" || $0 == " " }) {
            guard let read = numbers(rest[..<end], "-", widths: [4, 2, 2]), (1970...9999).contains(read[0]),
                (1...12).contains(read[1]), (1...31).contains(read[2])
            else { return nil }
            date = read
            rest = rest[rest.index(after: end)...]
        }
        var zone: Int?
        if rest.last == "Z" {
            zone = 0
            rest = rest.dropLast()
        } else if let sign = rest.firstIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let read = numbers(rest[rest.index(after: sign)...], ":", widths: [2, 2]), read[0] < 24, read[1] < 60
            else { return nil }
            zone = (rest[sign] == "-" ? -1 : 1) * Int(read[0] * 3600 + read[1] * 60)
            rest = rest[..<sign]
        }
        let clock = numbers(rest, ":", widths: [2, 2, 2]) ?? numbers(rest, ":", widths: [2, 2])
        guard let clock, clock[0] < 24, clock[1] < 60, clock.count < 3 || clock[2] < 60 else { return nil }
        return (date, clock, zone)
    }

    private static func numbers(_ text: Substring, _ separator: Character, widths: [Int]) -> [UInt64]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.count) == widths else { return nil }
        let numbers = parts.compactMap { number($0, most: 9999) }
        return numbers.count == widths.count ? numbers : nil
    }

    private static func number(_ text: Substring, most: UInt64) -> UInt64? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt64(text),
            number <= most
        else { return nil }
        return number
    }
}
