// SPDX-License-Identifier: Apache-2.0

/// As much of a DNS message as the lab's own server and client need (RFC 1035 section 4).
public struct DNSMessage: Sendable, Hashable {
    /// What is asked for.
    public enum RecordType: UInt16, Sendable, Hashable, CaseIterable {
        /// An IPv4 address.
        case a = 1
        /// An IPv6 address.
        case aaaa = 28
    }

    /// A response code.
    public enum Code: UInt8, Sendable, Hashable, CaseIterable {
        /// There is an answer, if only an empty one.
        case noError = 0
        /// The query cannot be understood.
        case formatError = 1
        /// The server failed.
        case serverFailure = 2
        /// There is no such name: NXDOMAIN.
        case nameError = 3
        /// The server does not do that.
        case notImplemented = 4
        /// The server does not want to.
        case refused = 5
    }

    /// What pairs an answer with its query.
    public var id: UInt16
    /// Whether it is an answer.
    public var isResponse = false
    /// Whether the answer did not fit: ask again by TCP.
    public var isTruncated = false
    /// The response code.
    public var code: Code = .noError
    /// The name asked for, without the dot at the end.
    public var name: String
    /// What is asked for.
    public var type: RecordType
    /// The addresses answered.
    public var addresses: [String] = []

    /// Makes a query.
    public init(id: UInt16, name: String, type: RecordType) {
        self.id = id
        self.name = name
        self.type = type
    }

    /// The bytes of the message.
    public var bytes: [UInt8] {
        let flags: UInt16 =
            (isResponse ? 0x8080 : 0) | (isTruncated ? 0x0200 : 0) | 0x0100 | UInt16(code.rawValue)
        var bytes: [UInt8] = []
        for word in [id, flags, 1, UInt16(addresses.count), 0, 0] { bytes += Self.bytes(word) }
        for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        bytes += [0] + Self.bytes(type.rawValue) + Self.bytes(1)
        for address in addresses {
            let data = Endpoint(type == .a ? .v4 : .v6, address, port: 0).bytes
            // A pointer to the question's name, the type, the class and a minute to live.
            bytes += [0xc0, 12] + Self.bytes(type.rawValue) + Self.bytes(1) + [0, 0, 0, 60]
            bytes += Self.bytes(UInt16(data.count)) + data
        }
        return bytes
    }

    /// Reads a message with one question of a type known here; of the answer, the number of records only.
    ///
    /// - Parameter bytes: without the length that precedes it over TCP.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count > 12, Self.word(bytes, 4) == 1 else { return nil }
        var labels: [String] = []
        var place = 12
        while place < bytes.count, bytes[place] != 0 {
            let end = place + 1 + Int(bytes[place])
            guard bytes[place] < 64, end < bytes.count else { return nil }
            labels.append(String(decoding: bytes[(place + 1)..<end], as: UTF8.self))
            place = end
        }
        guard place + 4 < bytes.count, let type = RecordType(rawValue: Self.word(bytes, place + 1)),
            let code = Code(rawValue: bytes[3] & 15)
        else { return nil }
        self.init(id: Self.word(bytes, 0), name: labels.joined(separator: "."), type: type)
        isResponse = bytes[2] & 0x80 != 0
        isTruncated = bytes[2] & 0x02 != 0
        self.code = code
        answers = Int(Self.word(bytes, 6))
    }

    /// How many records a message that was read has as its answer.
    public private(set) var answers = 0

    /// The answer to this query.
    public func answer(_ code: Code = .noError, _ addresses: [String] = []) -> DNSMessage {
        var answer = self
        answer.isResponse = true
        answer.code = code
        answer.addresses = addresses
        return answer
    }

    private static func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 255)] }
    private static func word(_ bytes: [UInt8], _ place: Int) -> UInt16 {
        UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
    }
}
