// SPDX-License-Identifier: Apache-2.0

/// Why a text is no JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where, in bytes from the beginning.
    public var offset: Int
    /// What is wrong there.
    public var message: String

    /// One line.
    public var description: String { "byte \(offset): \(message)" }
}

extension JSONValue {
    /// Reads a JSON text (RFC 8259), strictly: one value, UTF-8, no name twice in an object, at most 64 levels.
    ///
    /// Whole numbers of 64 bits are exact; other numbers are the nearest double, and beyond its range an error.
    public init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        var reader = JSONReader(bytes: Array(bytes))
        self = try reader.document()
    }

    /// The value of a member; nil where this is no object or has none of that name.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    /// The text of a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// A whole number that is not negative.
    public var unsigned: UInt64? { if case .integer(let number) = self { number } else { nil } }

    /// A whole number.
    public var signed: Int64? {
        switch self {
        case .integer(let number): Int64(exactly: number)
        case .negative(let number): number
        case .null, .bool, .number, .string, .array, .object: nil
        }
    }

    /// Any number.
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .negative(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// True or false.
    public var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

    /// The elements of an array.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members of an object in their order.
    public var members: [(String, JSONValue)]? { if case .object(let members) = self { members } else { nil } }
}

/// Reads one text.
private struct JSONReader {
    private static let deepest = 64

    let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw error("something follows the value") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ message: String) -> JSONError { JSONError(offset: position, message: message) }

    private mutating func skipBlanks() {
        while let byte = next, [0x20, 0x0a, 0x0d, 0x09].contains(byte) { position += 1 }
    }

    /// Whether the next byte is this one; then it is passed.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try nested { (reader) throws(JSONError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { (reader) throws(JSONError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        case nil: throw error("the text ends where a value should be")
        default: throw error("no value begins like this")
        }
    }

    private mutating func nested(
        _ body: (inout JSONReader) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < Self.deepest else { throw error("more than \(Self.deepest) levels") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try body(&self)
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw error("no value begins like this") }
        position += word.utf8.count
        return value
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        skipBlanks()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value())
            skipBlanks()
            if take("]") { return .array(elements) }
            guard take(",") else { throw error("expected ',' or ']'") }
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [(String, JSONValue)] = []
        var names: Set<String> = []
        skipBlanks()
        if take("}") { return .object(members) }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw error("expected a member's name in quotes") }
            let name = try string()
            guard names.insert(name).inserted else { throw error("the member \"\(name)\" comes twice") }
            skipBlanks()
            guard take(":") else { throw error("expected ':'") }
            members.append((name, try value()))
            skipBlanks()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("expected ',' or '}'") }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text = ""
        var start = position
        while true {
            switch next {
            case nil: throw error("the text ends inside a string")
            case UInt8(ascii: "\""):
                text += try piece(from: start)
                position += 1
                return text
            case UInt8(ascii: "\\"):
                text += try piece(from: start)
                text.unicodeScalars.append(try escape())
                start = position
            case .some(0..<0x20): throw error("a control character inside a string")
            default: position += 1
            }
        }
    }

    private func piece(from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw JSONError(offset: start, message: "a string that is not UTF-8")
        }
        return text
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        position += 1
        guard let byte = next else { throw error("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try codeUnit()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard unit < 0xdc00, take("\\"), take("u") else { throw error("half of a surrogate pair") }
            let low = try codeUnit()
            guard (0xdc00...0xdfff).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
            else { throw error("half of a surrogate pair") }
            return scalar
        default: throw error("no escape is written like this")
        }
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        let isHexadecimal = digits.allSatisfy { byte in
            Unicode.Scalar(byte).properties.isASCIIHexDigit
        }
        guard digits.count == 4, isHexadecimal, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("expected four hexadecimal digits") }
        position += 4
        return unit
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = take("-")
        let first = position
        try digits()
        guard position == first + 1 || bytes[first] != UInt8(ascii: "0") else {
            throw JSONError(offset: first, message: "a number with a leading zero")
        }
        let integerEnd = position
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if position == integerEnd {
            if !isNegative, let number = UInt64(text) { return .integer(number) }
            if isNegative, let number = Int64(text) { return number == 0 ? .integer(0) : .negative(number) }
        }
        guard let number = Double(text), number.isFinite else {
            throw JSONError(offset: start, message: "a number that is too large")
        }
        return .number(number)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw error("expected a digit") }
    }
}
