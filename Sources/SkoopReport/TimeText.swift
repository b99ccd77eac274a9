// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Writes times for people.
public enum TimeText: Sendable, Hashable {
    /// As the clock of this host shows it.
    case local
    /// Coordinated universal time, for what is read elsewhere.
    case universal

    /// `2026-11-22 10:31:45`.
    func dateAndTime(_ nanoseconds: UInt64) -> String {
        let parts = parts(nanoseconds)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        return date.map(Self.digits).joined(separator: "-") + " " + time(nanoseconds)
    }

    /// `10:31:45`.
    ///
    /// - Parameter nanoseconds: since 1970.
    public func time(_ nanoseconds: UInt64) -> String {
        let parts = parts(nanoseconds)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Self.digits(Int($0)) }.joined(separator: ":")
    }

    /// `2026-11-22 10:31:45 - 10:33:15 (90 s)`, with the second date where it is another.
    ///
    /// - Parameters:
    ///   - from: nanoseconds since 1970.
    ///   - to: nanoseconds since 1970.
    public func range(from: UInt64, to: UInt64) -> String {
        let (first, last) = (dateAndTime(from), dateAndTime(to))
        let isSameDay = first.prefix(10) == last.prefix(10)
        return "\(first) - \(isSameDay ? String(last.dropFirst(11)) : last) (\(Self.length(to - min(from, to))))"
    }

    /// `UTC`, or the name of this host's zone.
    ///
    /// - Parameter nanoseconds: since 1970.
    public func zone(at nanoseconds: UInt64) -> String {
        guard self == .local else { return "UTC" }
        let parts = parts(nanoseconds)
        return unsafe parts.tm_zone.map { unsafe String(cString: $0) } ?? ""
    }

    /// `90 s`, `15 min`, `2 h 30 min`.
    static func length(_ nanoseconds: UInt64) -> String {
        let seconds = (nanoseconds + 500_000_000) / 1_000_000_000
        if seconds < 120 { return "\(seconds) s" }
        let minutes = (seconds + 30) / 60
        if minutes < 120 { return "\(minutes) min" }
        return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
    }

    private func parts(_ nanoseconds: UInt64) -> tm {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var parts = tm()
        switch self {
        case .local: unsafe localtime_r(&seconds, &parts)
        case .universal: unsafe gmtime_r(&seconds, &parts)
        }
        return parts
    }

    private static func digits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
