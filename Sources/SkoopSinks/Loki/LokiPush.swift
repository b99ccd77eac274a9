// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel

/// Writes the body of Loki's push API, `POST /loki/api/v1/push`, as JSON.
///
/// The line is the event as the other sinks write it; its time is the event's, in nanoseconds.
struct LokiPush: Sendable {
    private let labels: LokiLabels
    private let metadata: [LokiField]
    private var encoder = EventEncoder()

    /// - Parameter metadata: what stands beside the line as structured metadata, which Loki takes from 3.0 on.
    init(labels: LokiLabels, metadata: [LokiField] = []) {
        self.labels = labels
        self.metadata = metadata
    }

    /// The body for the first events, as many as fit, and their number, at least one.
    mutating func encode(_ events: ArraySlice<Event>, upTo limit: Int) -> (body: [UInt8], count: Int) {
        var streams: [[String: String]: [UInt8]] = [:]
        var order: [[String: String]] = []
        var size = 0
        var count = 0
        for event in events {
            let entry = entry(event)
            let key = labels.values(of: event)
            if count > 0, size + entry.count > limit { break }
            count += 1
            size += entry.count
            if streams[key] == nil {
                order.append(key)
                let head = stream(key)
                size += head.count
                streams[key] = head
            } else {
                streams[key]?.append(UInt8(ascii: ","))
            }
            streams[key]? += entry
        }
        var body = Array("{\"streams\":[".utf8)
        body.reserveCapacity(size + 64)
        for (position, key) in order.enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            body += streams[key] ?? []
            body += Array("]}".utf8)
        }
        body += Array("]}".utf8)
        return (body, count)
    }

    private func stream(_ labels: [String: String]) -> [UInt8] {
        var bytes = Array("{\"stream\":".utf8)
        Self.append(labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, to: &bytes)
        bytes += Array(",\"values\":[".utf8)
        return bytes
    }

    private mutating func entry(_ event: Event) -> [UInt8] {
        var bytes = Array("[\"\(event.timestamp)\",".utf8)
        Self.append(encoder.encode(event), to: &bytes)
        if !metadata.isEmpty {
            var pairs: [(String, String)] = []
            for field in metadata { field.add(event) { pairs.append(($0, $1)) } }
            bytes.append(UInt8(ascii: ","))
            Self.append(pairs, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private static func append(_ pairs: [(String, String)], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (position, (name, value)) in pairs.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            append(name.utf8, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(value.utf8, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends a string of JSON (RFC 8259 section 7).
    private static func append(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + text.count + text.count / 8 + 2)
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00\(byte < 16 ? "0" : "1")\(String(byte & 15, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
