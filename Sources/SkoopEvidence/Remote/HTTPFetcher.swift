// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// Gets pages by plain HTTP, one connection for each. TLS takes a client of its own behind ``PageFetcher``.
public struct HTTPFetcher: PageFetcher, Sendable {
    /// Who asks.
    public enum Credentials: Sendable, Hashable {
        /// Nobody in particular.
        case none
        /// By name and password (RFC 7617), as `name:password`.
        case basic(String)
        /// By token (RFC 6750).
        case bearer(String)

        /// Reads a file of one line that holds a token, or `name:password`.
        ///
        /// - Parameters:
        ///   - file: its path.
        ///   - isToken: which of the two.
        public init(file: String, isToken: Bool) throws(EvidenceError) {
            let bytes = try WholeFile(file).bytes
            let line = bytes.prefix { $0 != 0x0a && $0 != 0x0d }
            guard !line.isEmpty, line.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), isToken || line.contains(0x3a) else {
                throw EvidenceError(file, isToken ? "there is no token in it" : "there is no name:password in it")
            }
            let text = String(decoding: line, as: UTF8.self)
            self = isToken ? .bearer(text) : .basic(text)
        }

        var field: String {
            switch self {
            case .none: ""
            case .basic(let pair): "Authorization: Basic \(Base64.text(Array(pair.utf8)))\r\n"
            case .bearer(let token): "Authorization: Bearer \(token)\r\n"
            }
        }
    }

    /// The server; paths are below its own.
    public var url: ServerURL
    /// Who asks.
    public var credentials: Credentials
    /// How long the server may be silent.
    public var timeout: Duration

    /// More than any page has.
    private static let largestPage = 1 << 29

    /// Makes a fetcher.
    ///
    /// - Throws: of a URL of https, which this cannot speak.
    public init(
        _ url: ServerURL, credentials: Credentials = .none, timeout: Duration = .seconds(60)
    ) throws(EvidenceError) {
        guard !url.isSecure else {
            throw EvidenceError(
                "\(url)", "https is not spoken here; give an address behind the TLS, for example a port-forward")
        }
        self.url = url
        self.credentials = credentials
        self.timeout = timeout
    }

    /// The URL.
    public var server: String { "\(url)" }

    /// Gets a page below the server's own path.
    public func fetch(_ path: String) throws(EvidenceError) -> FetchedPage {
        let base = url.path.last == "/" ? String(url.path.dropLast()) : url.path
        // Of HTTP/1.0, so that the body is what comes until the end.
        let request =
            "GET \(base + path) HTTP/1.0\r\nHost: \(url.authority)\r\nUser-Agent: skoop\r\nAccept: text/plain, */*\r\n"
            + "\(credentials.field)\r\n"
        var answer: [UInt8] = []
        do throws(SystemError) {
            let socket = try StreamSocket(resolving: url.host, port: url.port, timeout: timeout)
            try socket.send(Array(request.utf8))
            while true {
                let bytes = try socket.receive()
                if bytes.isEmpty { break }
                answer += bytes
                guard answer.count <= Self.largestPage else { throw SystemError("recv", "", errno: 27) }
            }
        } catch { throw EvidenceError(server, error.description) }
        return try Self.page(answer, from: server)
    }

    /// Takes head and body apart.
    static func page(_ answer: [UInt8], from server: String) throws(EvidenceError) -> FetchedPage {
        let end = Array("\r\n\r\n".utf8)
        let head = answer.prefix(65_536)
        guard let start = head.indices.first(where: { answer[$0...].starts(with: end) }) else {
            throw EvidenceError(server, "what listens there does not speak HTTP")
        }
        let lines = String(decoding: answer[..<start], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
            throw EvidenceError(server, "what listens there does not speak HTTP")
        }
        let body = Array(answer[(start + end.count)...])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            guard let length = Int(parts[1].drop { $0 == " " }), length == body.count else {
                throw EvidenceError(server, "the answer was cut off")
            }
        }
        return FetchedPage(status: status, body: body)
    }
}

/// The encoding of RFC 4648 section 4.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)

    static func text(_ bytes: [UInt8]) -> String {
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                text.unicodeScalars.append(
                    place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63] : "=")
            }
        }
        return text
    }
}
