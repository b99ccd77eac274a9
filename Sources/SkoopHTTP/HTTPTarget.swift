// SPDX-License-Identifier: Apache-2.0

/// Where requests go: the parts of an HTTP URL.
package struct HTTPTarget: Sendable, Hashable, CustomStringConvertible {
    /// Whether TLS is spoken there.
    package var isSecure: Bool
    /// A name or an address, of IPv6 without brackets.
    package var host: String
    /// The port.
    package var port: UInt16
    /// The path with the query, beginning with `/`.
    package var path: String

    /// Why a text is no URL of HTTP; it is not repeated, since it may hold a password.
    package enum Mistake: Error, Sendable, Hashable {
        /// It is of another form, and what is wrong with it.
        case form(String)
        /// It holds a name or a password.
        case credentials
    }

    /// Reads a URL, or what KubeSkoop takes: an address or a name alone.
    ///
    /// - Parameters:
    ///   - text: `[http[s]://]host[:port][/path]`.
    ///   - port: of a text without a scheme and a port; with a scheme it is 80 or 443, as usual.
    ///   - path: of a text that has none, or `/`.
    package init(_ text: String, port: UInt16, path: String) throws(Mistake) {
        func error(_ what: String) -> Mistake { .form("\(what); expected [http[s]://]host[:port][/path]") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.isEmpty else {
            throw error("has blanks or characters that a URL has not, or is empty")
        }
        var rest = text[...]
        var scheme: String?
        if let end = text.indices.first(where: { text[$0...].hasPrefix("://") }) {
            scheme = text[..<end].lowercased()
            rest = text[text.index(end, offsetBy: 3)...]
        }
        guard scheme == nil || scheme == "http" || scheme == "https" else { throw error("has another scheme") }
        isSecure = scheme == "https"
        let authority = rest.prefix { !"/?#".contains($0) }
        rest = rest[authority.endIndex...]
        guard !rest.contains("#") else { throw error("has a fragment") }
        guard !authority.contains("@") else {
            throw .credentials
        }
        let usual = scheme == nil ? port : isSecure ? 443 : 80
        guard let (host, given) = Self.split(authority) else { throw error("has no host, or no port from 1 to 65535") }
        self.host = host
        self.port = given ?? usual
        self.path = rest.isEmpty || rest == "/" ? path : rest.hasPrefix("/") ? String(rest) : "/" + rest
    }

    /// The URL without its query, which may hold a secret.
    package var description: String {
        "\(isSecure ? "https" : "http")://\(bracketed):\(port)\(path.prefix { $0 != "?" })"
    }

    /// The value of the field `Host`.
    package var authority: String { port == (isSecure ? 443 : 80) ? bracketed : "\(bracketed):\(port)" }

    private var bracketed: String { host.contains(":") ? "[\(host)]" : host }

    private static func split(_ authority: Substring) -> (host: String, port: UInt16?)? {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":"), host.contains(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if authority.count(where: { $0 == ":" }) == 1, let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        let isAllowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "%"):
                true
            default: false
            }
        }
        guard !host.isEmpty, isAllowed else { return nil }
        guard let port else { return (String(host), nil) }
        guard let number = UInt16(port), number > 0 else { return nil }
        return (String(host), number)
    }
}
