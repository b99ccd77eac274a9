// SPDX-License-Identifier: Apache-2.0
public import SkoopEvents
import SkoopModel
public import SkoopSystem

/// Asks a running agent for its events, at its admin address.
public struct AdminClient: ~Copyable {
    /// Why an agent does not answer as it should.
    public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        /// The status of the response; 0 where it was none of HTTP.
        public var status: Int
        /// What the agent says.
        public var description: String
    }

    /// How events are wanted.
    public enum Format: Sendable, Hashable {
        /// Lines of JSON.
        case json
        /// A line for people, coloured or not.
        case text(isColoured: Bool)
    }

    private let socket: StreamSocket

    /// Connects.
    public init(_ address: ListenAddress) throws(SystemError) {
        switch address {
        case .unix(let path): socket = try StreamSocket(unix: path)
        case .tcp(let host, let port): socket = try StreamSocket(host: host, port: port)
        }
    }

    /// Follows events until the agent ends.
    ///
    /// - Parameters:
    ///   - filter: which ones; a time in it asks for what the agent has kept.
    ///   - format: how they are wanted.
    ///   - body: takes bytes as they come, not always whole lines.
    public borrowing func followEvents(
        _ filter: EventFilter, as format: Format, _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        var items = filter.types.sorted().map { "type=\(Self.encoded($0))" }
        items += filter.pods.map { pod in
            "pod=\(Self.encoded([pod.namespace, pod.name].compactMap { $0 }.joined(separator: "/")))"
        }
        items += filter.namespaces.sorted().map { "netns=\($0.rawValue)" }
        if filter.since > 0 { items.append("since=\(filter.since)") }
        switch format {
        case .json: items.append("format=json")
        case .text(let isColoured): items.append("format=text&colour=\(isColoured)")
        }
        // Of HTTP/1.0, so that the body is what comes until the end.
        try socket.send(Array("GET /events?\(items.joined(separator: "&")) HTTP/1.0\r\n\r\n".utf8))
        let (status, start) = try receiveHead()
        guard status == 200 else {
            var text = start
            while true {
                let bytes = try socket.receive()
                guard !bytes.isEmpty, text.count < 65536 else { break }
                text += bytes
            }
            let message = String(decoding: text, as: UTF8.self).split(separator: "\n").first.map(String.init)
            throw Refusal(status: status, description: message ?? "status \(status)")
        }
        try body(start)
        while true {
            let bytes = try socket.receive()
            if bytes.isEmpty { return }
            try body(bytes[...])
        }
    }

    /// The status, and what came after the head.
    private borrowing func receiveHead() throws -> (status: Int, rest: ArraySlice<UInt8>) {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while true {
            let more = try socket.receive()
            // The end may lie across the border.
            let from = max(0, bytes.count - end.count)
            bytes += more
            if let start = bytes.indices.dropFirst(from).first(where: { bytes[$0...].starts(with: end) }) {
                let line = String(decoding: bytes[..<start].prefix { $0 != 13 }, as: UTF8.self).split(separator: " ")
                let status = line.count > 1 && line[0].hasPrefix("HTTP/") ? Int(line[1]) ?? 0 : 0
                return (status, bytes[(start + end.count)...])
            }
            guard !more.isEmpty, bytes.count < 65536 else {
                throw Refusal(status: 0, description: "what listens there does not speak HTTP")
            }
        }
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "/"), UInt8(ascii: ":"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += (digits.count < 2 ? "%0" : "%") + digits
            }
        }
    }
}
