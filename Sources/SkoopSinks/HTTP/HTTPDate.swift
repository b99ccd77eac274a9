// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Seconds since 1970 of a date of HTTP (RFC 9110 section 5.6.7), as in `Sun, 06 Nov 1994 08:49:37 GMT`; nil for another
/// text.
func secondsOfHTTPDate(_ text: some StringProtocol) -> Int? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
        let day = Int32(words[1]), let year = Int32(words[3]), (1970...9999).contains(year), (1...31).contains(day)
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int32($0) }
    guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
    var parts = tm()
    parts.tm_year = year - 1900
    parts.tm_mon = Int32(month)
    parts.tm_mday = day
    parts.tm_hour = clock[0]
    parts.tm_min = clock[1]
    parts.tm_sec = clock[2]
    return timegm(&parts)
}
