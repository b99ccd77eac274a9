// SPDX-License-Identifier: Apache-2.0

/// Where a server is: the parts of an HTTP URL.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether TLS is spoken there.
    public var isSecure: Bool
    /// A name or an address, of IPv6 without brackets.
    public var host: String
    /// The port.
    public var port: UInt16
    /// Path and query, beginning with `/`; empty where there is none.
    public var path: String

    /// Reads `http[s]://host[:port][/path]`.
    public init(_ text: String) throws(EvidenceError) {
        func error(_ what: String) -> EvidenceError {
            EvidenceError(text, "\(what); expected http[s]://host[:port][/path]")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") }) else {
            throw error("a URL has no blanks and only ASCII")
        }
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }) else {
            throw error("no URL of HTTP")
        }
        isSecure = scheme == "https://"
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            throw EvidenceError("the URL", "credentials belong into a file, not into the URL")
        }
        path = String(rest.dropFirst(authority.count))
        guard !path.contains("#") else { throw error("a fragment means nothing to a server") }
        var name = authority
        var digits: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw error("no port behind the address") }
            digits = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            name = authority[..<colon]
            digits = authority[authority.index(after: colon)...]
        }
        let number = digits.map { UInt16($0) } ?? (isSecure ? 443 : 80)
        guard !name.isEmpty, let number, number > 0 else { throw error("no host, or no port from 1 to 65535") }
        host = String(name)
        port = number
    }

    /// Host and port, as the field `Host` has them.
    public var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// The URL without its query.
    public var description: String {
        "\(isSecure ? "https" : "http")://\(authority)\(path.prefix { $0 != "?" })"
    }
}
