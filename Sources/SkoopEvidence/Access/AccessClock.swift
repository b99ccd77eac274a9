// SPDX-License-Identifier: Apache-2.0

/// Reads the times of an access log, most of which are those of the line before.
struct AccessClock {
    private var last: (text: ArraySlice<UInt8>, time: UInt64)?
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Nanoseconds since 1970; nil where there is no time or none that can be read.
    mutating func time(of fields: AccessFields) -> UInt64? {
        if let exact = fields[.milliseconds].flatMap(Self.nanoseconds) { return exact }
        guard let text = fields[.localTime] ?? fields[.isoTime] else { return nil }
        if let last, last.text == text { return last.time }
        let time =
            Self.local(text) ?? Moment.parse(String(decoding: text, as: UTF8.self), now: 0) ?? Self.nanoseconds(text)
        last = time.map { (Array(text)[...], $0) }
        return time
    }

    /// `22/Nov/2026:10:32:15 +0100`.
    private static func local(_ text: ArraySlice<UInt8>) -> UInt64? {
        let text = String(decoding: text, as: UTF8.self)
        let parts = text.split { "/: ".contains($0) }
        guard parts.count == 7, let month = months.firstIndex(of: String(parts[1])), parts[6].count == 5 else {
            return nil
        }
        let number = month + 1
        let zone = "\(parts[6].prefix(3)):\(parts[6].suffix(2))"
        return Moment.parse(
            "\(parts[2])-\(number < 10 ? "0" : "")\(number)-\(parts[0])T\(parts[3]):\(parts[4]):\(parts[5])\(zone)",
            now: 0)
    }

    /// A decimal number of seconds below ten thousand million; nil for any other text.
    static func nanoseconds(_ text: ArraySlice<UInt8>) -> UInt64? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.count <= 10 else { return nil }
        let fraction = parts.count > 1 ? parts[1] : []
        guard whole.allSatisfy({ (48...57).contains($0) }), fraction.allSatisfy({ (48...57).contains($0) }),
            parts.count == 1 || !fraction.isEmpty
        else { return nil }
        func number(_ digits: some Sequence<UInt8>) -> UInt64 { digits.reduce(0) { $0 * 10 + UInt64($1 - 48) } }
        let digits = fraction.prefix(9)
        let scale = (digits.count..<9).reduce(1 as UInt64) { scale, _ in scale * 10 }
        return number(whole) * 1_000_000_000 + number(digits) * scale
    }
}
