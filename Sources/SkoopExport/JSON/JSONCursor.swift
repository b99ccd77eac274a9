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

/// Walks through a JSON text (RFC 8259) from value to value, and keeps nothing of what nobody asks for.
///
/// Everything is checked as strictly as by ``JSONValue/init(parsing:)``, but for two things: a member may come twice, and
/// of strings that are passed over only the end is looked for.
package struct JSONCursor {
    /// What the next value is.
    package enum Form: Sendable, Hashable {
        /// `{`, `[`, `"`, a digit or a minus, and the three words.
        case object, array, string, number, `true`, `false`, null
    }

    private static let deepest = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Begins before the first value.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// What is wrong here.
    package func error(_ message: String) -> JSONError { JSONError(offset: position, message: message) }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    /// Whether the next byte is this one; then it is passed.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Notes that nothing may follow.
    package mutating func finish() throws(JSONError) {
        skipBlanks()
        guard position == bytes.count else { throw error("something follows the value") }
    }

    /// What the next value is; the cursor stays before it.
    package mutating func form() throws(JSONError) -> Form {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"): return .true
        case UInt8(ascii: "f"): return .false
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number
        case nil: throw error("the text ends where a value should be")
        default: throw error("no value begins like this")
        }
    }

    /// Walks through an object; anything else is an error.
    ///
    /// - Parameter body: takes or passes the value of each member, whose name it is given.
    package mutating func object(
        _ body: (inout JSONCursor, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        try each("{", "}") { (cursor) throws(JSONError) in
            guard cursor.next == UInt8(ascii: "\"") else { throw cursor.error("expected a member's name in quotes") }
            let name = try cursor.string()
            cursor.skipBlanks()
            guard cursor.take(":") else { throw cursor.error("expected ':'") }
            try body(&cursor, name)
        }
    }

    /// Walks through an array; anything else is an error.
    ///
    /// - Parameter body: takes or passes each element.
    package mutating func array(_ body: (inout JSONCursor) throws(JSONError) -> Void) throws(JSONError) {
        try each("[", "]", body)
    }

    private mutating func each(
        _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ body: (inout JSONCursor) throws(JSONError) -> Void
    ) throws(JSONError) {
        skipBlanks()
        guard take(opening) else { throw error("expected '\(opening)'") }
        guard depth < Self.deepest else { throw error("more than \(Self.deepest) levels") }
        depth += 1
        defer { depth -= 1 }
        skipBlanks()
        if take(closing) { return }
        while true {
            skipBlanks()
            try body(&self)
            skipBlanks()
            if take(closing) { return }
            guard take(",") else { throw error("expected ',' or '\(closing)'") }
        }
    }

    /// Passes the next value with all that is in it.
    package mutating func skip() throws(JSONError) {
        switch try form() {
        case .object:
            try each("{", "}") { (cursor) throws(JSONError) in
                guard cursor.next == UInt8(ascii: "\"") else {
                    throw cursor.error("expected a member's name in quotes")
                }
                try cursor.skipString()
                cursor.skipBlanks()
                guard cursor.take(":") else { throw cursor.error("expected ':'") }
                try cursor.skip()
            }
        case .array: try each("[", "]") { (cursor) throws(JSONError) in try cursor.skip() }
        case .string: try skipString()
        case .number: _ = try number()
        case .true: _ = try word("true", ())
        case .false: _ = try word("false", ())
        case .null: _ = try word("null", ())
        }
    }

    private mutating func skipString() throws(JSONError) {
        position += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): position += 2
            case 0..<0x20: throw error("a control character inside a string")
            default: position += 1
            }
        }
        throw error("the text ends inside a string")
    }

    /// The text of a string; nil for any other value, which is passed.
    package mutating func text() throws(JSONError) -> String? {
        if try form() == .string { return try string() }
        try skip()
        return nil
    }

    /// Whether the next value is `true`; it is passed, whatever it is.
    package mutating func isTrue() throws(JSONError) -> Bool {
        let isTrue = try form() == .true
        try skip()
        return isTrue
    }

    /// A whole number that is not negative; nil for any other value, which is passed.
    package mutating func unsigned() throws(JSONError) -> UInt64? {
        if try form() == .number { return try number().unsigned }
        try skip()
        return nil
    }

    /// Walks through an object; any other value is passed.
    package mutating func members(
        _ body: (inout JSONCursor, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        if try form() == .object { try object(body) } else { try skip() }
    }

    /// Walks through an array; any other value is passed.
    package mutating func elements(_ body: (inout JSONCursor) throws(JSONError) -> Void) throws(JSONError) {
        if try form() == .array { try array(body) } else { try skip() }
    }

    /// Passes a word.
    ///
    /// - Returns: what it stands for.
    package mutating func word<Value>(_ word: String, _ value: Value) throws(JSONError) -> Value {
        guard bytes[position...].starts(with: word.utf8) else { throw error("no value begins like this") }
        position += word.utf8.count
        return value
    }

    /// The text of a string; anything else is an error.
    package mutating func string() throws(JSONError) -> String {
        skipBlanks()
        guard take("\"") else { throw error("expected a string") }
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

    /// A number; anything else is an error.
    package mutating func number() throws(JSONError) -> JSONValue {
        skipBlanks()
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
