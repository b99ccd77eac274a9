// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopEvents
import SkoopHTTP

extension HTTPReply {
    /// What an answer that is no success means.
    ///
    /// - Parameters:
    ///   - target: who answered.
    ///   - says: what the body says, for people; nil takes its first line.
    ///   - final: statuses that are final although others would try again.
    ///   - secrets: what a message must not repeat.
    func error(
        from target: HTTPTarget, says: String? = nil, final: (Int) -> Bool = { _ in false }, hiding secrets: [String]
    ) -> SinkError {
        var message = "\(target) answered \(status)"
        let text = says ?? firstLine
        if (300..<400).contains(status) {
            message +=
                ", and a redirection is not followed" + (location.map { "; give the URL \(Self.safe($0))" } ?? "")
        } else if !text.isEmpty, !secrets.contains(where: { !$0.isEmpty && text.utf8.contains(sequence: $0.utf8) }) {
            message += ": " + Self.safe(text)
        }
        let (reason, isRetryable): (SinkError.Reason, Bool) =
            switch status {
            case 401, 403, 407: (.unauthorized, true)
            case 408: (.timeout, true)
            case 429, 503: (.overloaded, true)
            case 500...599: (.failed, true)
            case 300..<500: (.refused, false)
            default: (.failed, true)
            }
        return SinkError(reason, message, isRetryable: isRetryable && !final(status), retryAfter: wait())
    }

    /// How long to wait, of the field `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date; ten minutes at most,
    /// whatever the server wants.
    ///
    /// - Parameter now: seconds since 1970.
    func wait(now: Int = Int(time(nil))) -> Duration? {
        guard let retryAfter else { return nil }
        let text = retryAfter.drop { $0 == " " }
        let seconds = Int(text) ?? secondsOfHTTPDate(text).map { $0 - now }
        return seconds.map { .seconds(min(max(0, $0), 600)) }
    }

    private var firstLine: String {
        String(decoding: body.prefix { $0 != 0x0a && $0 != 0x0d }, as: UTF8.self)
    }

    /// Two hundred characters without those that a terminal would obey.
    private static func safe(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(200).map { scalar in
            scalar.properties.generalCategory == .control ? " " : Character(scalar)
        }
        return String(scalars) + (text.unicodeScalars.count > 200 ? "…" : "")
    }
}

extension Collection where Element: Equatable {
    /// Whether the elements of another collection come one after the other somewhere.
    func contains(sequence other: some Collection<Element>) -> Bool {
        indices.contains { self[$0...].starts(with: other) }
    }
}
