// SPDX-License-Identifier: Apache-2.0

/// Writes messages of Protocol Buffers: as much of the wire format as logs need.
struct ProtobufWriter: Sendable {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// Writes a number; zero, which is what is not there, is left out.
    mutating func add(_ field: Int, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, 0)
        varint(value)
    }

    /// Writes a `fixed64`.
    mutating func add(_ field: Int, fixed value: UInt64) {
        tag(field, 1)
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// Writes a text.
    mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

    /// Writes bytes, or a message that was written before.
    mutating func add(_ field: Int, _ content: [UInt8]) {
        tag(field, 2)
        varint(UInt64(content.count))
        bytes += content
    }

    /// Writes a message inside this one.
    mutating func add(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        add(field, inner.bytes)
    }

    /// Writes a number of which zero is something, as in a `oneof`.
    mutating func addAlways(_ field: Int, _ value: UInt64) {
        tag(field, 0)
        varint(value)
    }

    private mutating func tag(_ field: Int, _ kind: UInt64) { varint(UInt64(field) << 3 | kind) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
