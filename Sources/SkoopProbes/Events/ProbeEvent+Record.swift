// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

extension ProbeEvent {
    /// What the head of every record says.
    init(_ type: EventType, _ record: skoop_event, values: [EventValue?] = [], message: String = "") {
        self.init(
            type, time: record.time, namespace: NamespaceID(rawValue: UInt64(record.netns)),
            tuple: PacketTuple(record.tuple), process: EventProcess(record), values: values, message: message)
    }

    /// The frames that follow a record where stacks were asked for; empty where there are none.
    static func stack(in record: RawSpan, after size: Int) -> [UInt64] {
        var frames: [UInt64] = []
        while let frame = record.load(as: UInt64.self, at: size + 8 * frames.count), frame != 0 { frames.append(frame) }
        return frames
    }
}

extension RawSpan {
    /// The text in an array of characters: up to the first zero, at most `length` bytes.
    func text<Record, Characters>(of length: some BinaryInteger, at field: KeyPath<Record, Characters>) -> String {
        var bytes: [UInt8] = []
        let start = MemoryLayout<Record>.offset(of: field) ?? byteCount
        while bytes.count < length, let byte = load(as: UInt8.self, at: start + bytes.count), byte != 0 {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PacketTuple {
    /// The ends in a record; nil where it has none.
    init?(_ tuple: skoop_tuple) {
        guard let source = IPAddress(tuple.source, family: tuple.family),
            let destination = IPAddress(tuple.destination, family: tuple.family)
        else { return nil }
        self.init(
            protocolNumber: tuple.protocol, source: End(source, port: tuple.source_port),
            destination: End(destination, port: tuple.destination_port))
    }
}

extension IPAddress {
    /// Sixteen bytes as C structures have them.
    typealias Bytes = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
    )

    /// An address of a record; nil for a family that is not of IP.
    init?(_ b: Bytes, family: UInt8) {
        let bytes = [b.0, b.1, b.2, b.3, b.4, b.5, b.6, b.7, b.8, b.9, b.10, b.11, b.12, b.13, b.14, b.15]
        switch Int32(family) {
        case AF_INET: self.init(bytes: bytes.prefix(4))
        case AF_INET6: self.init(bytes: bytes)
        default: return nil
        }
    }
}

extension EventProcess {
    /// The process in a record; nil where it has none.
    init?(_ record: skoop_event) {
        guard record.pid != 0 else { return nil }
        let c = record.comm
        let name = [
            c.0, c.1, c.2, c.3, c.4, c.5, c.6, c.7, c.8, c.9, c.10, c.11, c.12, c.13, c.14, c.15,
        ]
        let command = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        self.init(
            pid: Int32(bitPattern: record.pid), thread: Int32(bitPattern: record.thread),
            command: String(decoding: command, as: UTF8.self))
    }
}
