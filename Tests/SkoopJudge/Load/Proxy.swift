// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopLab
import SkoopTesting

/// nginx between clients and a server, with an access log that the judge is given as evidence.
struct Proxy: ~Copyable {
    /// The log's formats that say enough: one for people, one for machines.
    static let formats = [
        "$msec \"$request\" $status $request_time \"$upstream_addr\" $upstream_connect_time $upstream_header_time "
            + "$upstream_response_time $upstream_status $upstream_bytes_received $limit_req_status",
        "{\"time\":\"$time_iso8601\",\"path\":\"$uri\",\"status\":$status,\"request_time\":$request_time,"
            + "\"upstream_addr\":\"$upstream_addr\",\"upstream_connect_time\":\"$upstream_connect_time\","
            + "\"upstream_header_time\":\"$upstream_header_time\",\"upstream_response_time\":\"$upstream_response_time\","
            + "\"upstream_bytes_received\":\"$upstream_bytes_received\",\"limit_req_status\":\"$limit_req_status\"}",
    ]

    let endpoint: Endpoint
    private let nginx: Nginx

    /// Starts it on the lab's server.
    ///
    /// - Parameters:
    ///   - upstream: the server behind it; nil where the location does without.
    ///   - location: further directives of the location.
    ///   - http: further directives around it.
    init(_ stage: Stage, upstream: Endpoint? = nil, location: String = "", http: String = "") throws {
        let format = stage.any(of: Self.formats)
        let log = stage.accessLog(of: stage.lab.server, format)
        let form = format.hasPrefix("{") ? "escape=json " : ""
        let nginx = try Nginx(
            stage, location: (upstream.map { "proxy_pass http://\($0); " } ?? "") + location,
            http: """
                log_format judged \(form)'\(format)';
                access_log \(log) judged;
                proxy_next_upstream off;
                \(http)
                """)
        endpoint = nginx.endpoint
        self.nginx = nginx
    }
}

extension Stage {
    /// Clients that ask a proxy, a connection each, and take any answer.
    ///
    /// - Parameters:
    ///   - timeout: how long they wait for it.
    ///   - body: pieces of the request's body, with a pause before each.
    ///   - isWhole: whether all of the body comes that was announced.
    func proxyRequests(
        to proxy: Endpoint, threads: Int, every pause: Duration, timeout: Duration = .seconds(20),
        body: (pieces: Int, pause: Duration) = (0, .zero), isWhole: Bool = true
    ) throws -> Load {
        let host = lab.client
        let length = body.pieces * 100 + (isWhole ? 0 : 100)
        let head =
            "\(length > 0 ? "POST" : "GET") /\(any(0...99)) HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n"
            + (length > 0 ? "Content-Length: \(length)\r\n\r\n" : "\r\n")
        return try Load(on: host, threads: threads, every: pause) {
            let connection = try host.connect(to: proxy) { try $0.setTimeout(timeout) }
            try connection.sendAtOnce()
            try connection.send(Array(head.utf8))
            for _ in 0..<body.pieces {
                rest(body.pause)
                try connection.send(count: 100)
            }
            while case let more = try connection.receive(), !more.isEmpty {}
        }
    }
}

extension TCPService {
    /// Reads a request without a body and answers in pieces with a pause before each, then closes.
    static func answering(_ pieces: [(after: Duration, text: String)]) -> TCPService {
        TCPService { connection in
            try connection.sendAtOnce()
            var request: [UInt8] = []
            let end = Array("\r\n\r\n".utf8)
            while request.firstRange(of: end) == nil {
                let bytes = try connection.receive()
                if bytes.isEmpty { return }
                request += bytes
            }
            for piece in pieces {
                rest(piece.after)
                try connection.send(Array(piece.text.utf8))
            }
        }
    }
}
