// SPDX-License-Identifier: Apache-2.0

/// Reads what a ``ByteWriter`` wrote, and believes nothing.
struct ByteReader {
    /// What is read was not written so.
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position = 0
    private(set) var texts: [String]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        texts = []
    }

    /// Lets it know texts of earlier blocks.
    mutating func know(_ texts: [String]) { self.texts = texts }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() throws(Malformed) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw Malformed()
    }

    /// A number that says how many things follow, of which each takes a byte at least.
    mutating func count(of size: Int = 1) throws(Malformed) -> Int {
        let number = try number()
        guard number <= UInt64(bytes.count - position) / UInt64(size) else { throw Malformed() }
        return Int(number)
    }

    mutating func position(below limit: Int) throws(Malformed) -> Int {
        let number = try number()
        guard number < UInt64(limit) else { throw Malformed() }
        return Int(number)
    }

    mutating func difference() throws(Malformed) -> UInt64 {
        let coded = try number()
        return UInt64(bitPattern: Int64(bitPattern: coded >> 1) ^ -Int64(bitPattern: coded & 1))
    }

    mutating func text() throws(Malformed) -> String {
        let number = try number()
        if number > 0 {
            guard number <= UInt64(texts.count) else { throw Malformed() }
            return texts[Int(number) - 1]
        }
        let length = try count()
        guard let text = String(validating: bytes[position..<position + length], as: UTF8.self) else {
            throw Malformed()
        }
        position += length
        texts.append(text)
        return text
    }

    /// So many numbers of which most are zero.
    mutating func sparse(_ count: Int) throws(Malformed) -> [UInt64] {
        var numbers = [UInt64](repeating: 0, count: count)
        var place = 0
        while true {
            let zeros = try number()
            guard zeros <= UInt64(count - place) else { throw Malformed() }
            place += Int(zeros)
            guard place < count else { return numbers }
            numbers[place] = try difference()
            place += 1
        }
    }
}
