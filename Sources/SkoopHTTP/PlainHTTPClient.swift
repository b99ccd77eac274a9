// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SkoopSystem

/// Gets pages without TLS and without any framework, one connection for each.
package struct PlainHTTPClient: Sendable {
    /// The server.
    package var endpoint: HTTPEndpoint

    /// Makes a client.
    package init(_ endpoint: HTTPEndpoint) { self.endpoint = endpoint }

    /// Gets a page.
    ///
    /// - Parameters:
    ///   - path: path and query, instead of those of the target.
    ///   - limit: the most bytes of an answer.
    package func get(_ path: String, limit: Int) throws(HTTPError) -> HTTPReply {
        let (target, timeout) = (endpoint.target, endpoint.timeout)
        return try Self.get(
            path, of: target.authority, field: try endpoint.credentials.field(), limit: limit, timeout: timeout
        ) { () throws(SystemError) in
            try StreamSocket(resolving: target.host, port: target.port, timeout: timeout)
        }
    }

    /// Gets a page over a socket.
    ///
    /// - Parameters:
    ///   - path: path and query.
    ///   - authority: the value of the field `Host`.
    ///   - field: the value of the field `Authorization`; nil for none.
    ///   - limit: the most bytes of an answer.
    ///   - timeout: how long the whole answer may take.
    ///   - connect: makes the socket.
    package static func get(
        _ path: String, of authority: String, field: String? = nil, limit: Int, timeout: Duration = .seconds(60),
        _ connect: () throws(SystemError) -> StreamSocket
    ) throws(HTTPError) -> HTTPReply {
        // Of HTTP/1.0, so that the body is what comes until the end.
        var request = "GET \(path) HTTP/1.0\r\nHost: \(authority)\r\nUser-Agent: skoop\r\n"
        request += "Accept: text/plain, */*\r\n"
        if let field { request += "Authorization: \(field)\r\n" }
        var answer: [UInt8] = []
        let start = MonotonicTime.now
        do throws(SystemError) {
            let socket = try connect()
            try socket.send(Array((request + "\r\n").utf8))
            while true {
                let bytes = try socket.receive()
                if bytes.isEmpty { break }
                answer += bytes
                guard answer.count <= limit else { throw SystemError("recv", errno: EFBIG) }
                guard MonotonicTime.now.since(start) < timeout else { throw SystemError("recv", errno: ETIMEDOUT) }
            }
        } catch {
            switch error.errno {
            case EFBIG: throw HTTPError(.tooLarge, "the answer is too long")
            case ETIMEDOUT, EAGAIN: throw HTTPError(.timeout, "it did not answer in time")
            default: throw HTTPError(.unreachable, error.description)
            }
        }
        return try reply(answer)
    }

    /// Takes head and body apart.
    private static func reply(_ answer: [UInt8]) throws(HTTPError) -> HTTPReply {
        let end = Array("\r\n\r\n".utf8)
        let head = answer.prefix(65_536)
        guard let start = head.indices.first(where: { answer[$0...].starts(with: end) }) else {
            throw HTTPError(.unreachable, "what listens there does not speak HTTP")
        }
        let lines = String(decoding: answer[..<start], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
            throw HTTPError(.unreachable, "what listens there does not speak HTTP")
        }
        let body = Array(answer[(start + end.count)...])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            guard let length = Int(parts[1].drop { $0 == " " }), length == body.count else {
                throw HTTPError(.unreachable, "the answer was cut off")
            }
        }
        return HTTPReply(status: status, body: body)
    }
}
