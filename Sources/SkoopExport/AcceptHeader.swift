// SPDX-License-Identifier: Apache-2.0

/// The list in an `Accept` or `Accept-Encoding` header (RFC 9110 sections 12.4 and 12.5).
///
/// What cannot be read is passed over, as the RFC lets a server do: a header is never an error.
struct AcceptHeader {
    /// One element of the list.
    struct Range {
        /// Media range or content coding in lower case, for example `text/*`.
        var name: String
        /// Parameters before and after `q`, names in lower case, without `q` itself.
        var parameters: [(name: String, value: String)] = []
        /// The weight in thousandths; 0 is "not acceptable".
        var quality = 1000

        /// The value of a parameter.
        func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
    }

    var ranges: [Range] = []

    init(_ text: String) {
        for element in Self.split(text, at: ",") {
            let parts = Self.split(element, at: ";")
            guard let name = parts.first, !name.isEmpty else { continue }
            var range = Range(name: name.lowercased())
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1).map { Self.trimmed($0) }
                guard pair.count == 2 else { continue }
                let value = Self.unquoted(pair[1])
                if pair[0].lowercased() == "q" {
                    range.quality = Self.quality(value) ?? 0
                } else {
                    range.parameters.append((pair[0].lowercased(), value))
                }
            }
            ranges.append(range)
        }
    }

    /// A weight in thousandths: 0 to 1 with up to three digits behind the point; nil for anything else.
    private static func quality(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, whole == "0" || whole == "1" else { return nil }
        let digits = parts.count == 2 ? parts[1] : ""
        guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        let thousandths = Int(digits + String(repeating: "0", count: 3 - digits.utf8.count)) ?? 0
        return min(1000, (whole == "1" ? 1000 : 0) + thousandths)
    }

    /// Splits at a separator that is not inside a quoted string.
    private static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var isQuoted = false
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if scalar == separator, !isQuoted {
                parts.append(trimmed(String(part)))
                part = String.UnicodeScalarView()
                continue
            }
            if scalar == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = scalar == "\\" && isQuoted && !isEscaped
            part.append(scalar)
        }
        return parts + [trimmed(String(part))]
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(start[...last])
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            isEscaped = character == "\\" && !isEscaped
            if !isEscaped { result.append(character) }
        }
        return result
    }
}
