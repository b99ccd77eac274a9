// SPDX-License-Identifier: Apache-2.0

/// Chooses the format of a page from what an HTTP client sends.
public enum ContentNegotiation {
    /// A format and how the response names it.
    public struct Choice: Sendable, Hashable {
        /// The format.
        public var format: ExpositionFormat
        /// The value of `Content-Type`.
        public var contentType: String

        /// Makes a choice.
        public init(format: ExpositionFormat, contentType: String) {
            self.format = format
            self.contentType = contentType
        }
    }

    /// A format was asked for by a name that is none.
    public struct UnknownFormat: Error, Hashable, CustomStringConvertible {
        /// What was asked for.
        public var value: String

        /// One line for the client.
        public var description: String {
            "format: '\(value)' is not one of \(ExpositionFormat.allCases.map(\.rawValue).joined(separator: ", "))"
        }
    }

    /// What can be sent, in the order of preference where the client has none.
    ///
    /// Text 1.0.0 is text 0.0.4 with room for UTF-8 names; a page without such names is the same in both. OpenMetrics
    /// 0.0.1 is the draft that Prometheus before 2.42 asked for; what is written here is valid in it.
    private static let offers: [(format: ExpositionFormat, type: String, version: String?)] = [
        (.prometheus, "text/plain", "0.0.4"),
        (.openMetrics, "application/openmetrics-text", "1.0.0"),
        (.openMetrics, "application/openmetrics-text", "0.0.1"),
        (.prometheus, "text/plain", "1.0.0"),
        (.json, "application/json", nil),
    ]

    /// The format of a response.
    ///
    /// A `format` in the query wins over the header. In the header, the most specific range that fits a format gives
    /// its weight, and the heaviest format wins (RFC 9110 section 12.5.1). Where nothing fits, text 0.0.4 is sent as
    /// other exporters do: a page in the wrong format tells more than status 406.
    ///
    /// Names here are letters, digits and underscores, so that they are what they are under the escaping schemes
    /// `allow-utf-8`, `underscores` and `values`: the one asked for is confirmed. Under `dots` they would have to
    /// change, which names never do; that request, and an unknown scheme, is answered with `underscores`.
    ///
    /// - Parameters:
    ///   - accept: the `Accept` header, several joined by commas; nil where there is none.
    ///   - query: the query of the request's target, without the question mark.
    /// - Throws: ``UnknownFormat`` where the query asks for one: status 400.
    public static func format(accept: String?, query: String? = nil) throws(UnknownFormat) -> Choice {
        if let asked = query.flatMap(formatParameter) {
            guard let format = ExpositionFormat(rawValue: asked.lowercased()) else {
                throw UnknownFormat(value: asked)
            }
            return Choice(format: format, contentType: format.contentType)
        }
        let header = AcceptHeader(accept ?? "*/*")
        var best: (offer: Int, match: Match)?
        for (index, offer) in offers.enumerated() {
            guard let match = match(type: offer.type, version: offer.version, in: header), match.quality > 0 else {
                continue
            }
            if let best, (best.match.quality, best.match.rank) >= (match.quality, match.rank) { continue }
            best = (index, match)
        }
        guard let best else { return Choice(format: .prometheus, contentType: ExpositionFormat.prometheus.contentType) }
        return choice(offers[best.offer], escaping: best.match.escaping)
    }

    /// The value of `format` in a query.
    private static func formatParameter(_ query: String) -> String? {
        let pairs = query.split(separator: "&").lazy.map { $0.split(separator: "=", maxSplits: 1) }
        return pairs.first { $0.first == "format" }.map { $0.count == 2 ? String($0[1]) : "" }
    }

    private static func choice(
        _ offer: (format: ExpositionFormat, type: String, version: String?), escaping: String?
    ) -> Choice {
        guard let version = offer.version else {
            return Choice(format: offer.format, contentType: offer.format.contentType)
        }
        var type = "\(offer.type); version=\(version); charset=utf-8"
        if let escaping {
            type += "; escaping=\(["allow-utf-8", "values"].contains(escaping) ? escaping : "underscores")"
        }
        return Choice(format: offer.format, contentType: type)
    }

    /// How a range of the header fits an offer.
    private struct Match {
        /// How specific the range is.
        var rank: Int
        var quality: Int
        var escaping: String?
    }

    /// The most specific range that fits.
    private static func match(type: String, version: String?, in header: AcceptHeader) -> Match? {
        let family = type.prefix { $0 != "/" } + "/*"
        var best: Match?
        for range in header.ranges {
            var rank = 0
            switch range.name {
            case type:
                let wanted = range.parameter("version")
                guard wanted == nil || wanted == version else { continue }
                rank = wanted == nil ? 2 : 3
            case String(family): rank = 1
            case "*/*": rank = 0
            default: continue
            }
            if let best, best.rank >= rank { continue }
            best = Match(rank: rank, quality: range.quality, escaping: rank >= 2 ? range.parameter("escaping") : nil)
        }
        return best
    }
}
