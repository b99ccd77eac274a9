// SPDX-License-Identifier: Apache-2.0
import SkoopExport

/// Gets pages of a server by HTTP; whoever brings an HTTP client gives one to the sources that need it.
public protocol PageFetcher {
    /// The server, for messages: a URL without secrets.
    var server: String { get }

    /// Gets a page.
    ///
    /// - Parameter path: path and query, beginning with `/`.
    /// - Returns: the answer, whatever its status.
    /// - Throws: when there is none.
    func fetch(_ path: String) throws(EvidenceError) -> FetchedPage
}

/// What a server answered.
public struct FetchedPage: Sendable, Hashable {
    /// The status of HTTP.
    public var status: Int
    /// The whole body.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

extension PageFetcher {
    /// Gets a page that must be there.
    ///
    /// - Parameter path: path and query, beginning with `/`.
    /// - Returns: the body.
    /// - Throws: when there is none, or the status is not 200.
    public func page(_ path: String) throws(EvidenceError) -> [UInt8] {
        let answer = try fetch(path)
        guard answer.status != 200 else { return answer.body }
        let what =
            switch answer.status {
            case 401, 403: "it does not let us in: it answered \(answer.status)"
            case 300..<400: "it answered \(answer.status), and redirections are not followed"
            default: "it answered \(answer.status)"
            }
        throw EvidenceError(server, what + Self.explanation(answer.body))
    }

    /// What a body says in one line: the member `error` of JSON, else its first line where that is text.
    private static func explanation(_ body: [UInt8]) -> String {
        if let json = try? JSONValue(parsing: body), let error = json["error"]?.string {
            return ": \(error.prefix(300))"
        }
        let line = String(decoding: body.prefix { $0 != 0x0a }.prefix(200), as: UTF8.self)
        let isText = !line.isEmpty && !line.hasPrefix("<") && line.unicodeScalars.allSatisfy { $0.value >= 0x20 }
        return isText ? ": \(line)" : ""
    }
}

/// Writes queries of URLs.
enum URLQuery {
    /// `?name=value&…` with everything but letters and digits encoded.
    static func text(_ items: [(name: String, value: String)]) -> String {
        "?" + items.map { "\($0.name)=\(encoded($0.value))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += (digits.count < 2 ? "%0" : "%") + digits
            }
        }
    }
}
