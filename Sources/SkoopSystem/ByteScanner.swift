// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A cursor over the bytes of a text file: lines, tokens and numbers, without a String for any of them.
///
/// Whatever the bytes are, no method traps; what does not have the wanted form gives `nil`.
public struct ByteScanner: ~Escapable {
    private let bytes: Span<UInt8>
    /// How many bytes lie behind the cursor.
    public private(set) var position = 0

    /// Starts at the first byte.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// Whether nothing is left.
    public var isAtEnd: Bool { position >= bytes.count }

    /// What lies before the cursor.
    public var rest: Span<UInt8> {
        @_lifetime(copy self) get { bytes.extracting(droppingFirst: position) }
    }

    /// The next line without its newline, `nil` at the end; the last one needs no newline.
    @_lifetime(copy self)
    public mutating func line() -> Span<UInt8>? {
        guard position < bytes.count else { return nil }
        let start = position
        let end = index(of: UInt8(ascii: "\n")) ?? bytes.count
        position = min(end + 1, bytes.count)
        return bytes.extracting(start..<end)
    }

    /// The next line that ends with a newline, without it; `nil`, and the cursor unmoved, when there is none.
    @_lifetime(copy self)
    mutating func terminatedLine() -> Span<UInt8>? {
        guard let end = index(of: UInt8(ascii: "\n")) else { return nil }
        let start = position
        position = end + 1
        return bytes.extracting(start..<end)
    }

    /// Moves past spaces and tabs.
    public mutating func skipSpaces() {
        while position < bytes.count, bytes[position].isBlank { position += 1 }
    }

    /// The next run of bytes without space, tab or newline, after skipping spaces and tabs; `nil` at the end of the
    /// line.
    @_lifetime(copy self)
    public mutating func token() -> Span<UInt8>? {
        skipSpaces()
        let start = position
        while position < bytes.count, !bytes[position].isBlank, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        return position > start ? bytes.extracting(start..<position) : nil
    }

    /// What precedes the next `separator`, which is skipped; `nil`, and the cursor unmoved, when there is none.
    @_lifetime(copy self)
    public mutating func field(before separator: UInt8) -> Span<UInt8>? {
        guard let end = index(of: separator) else { return nil }
        let start = position
        position = end + 1
        return bytes.extracting(start..<end)
    }

    /// The next token as an unsigned decimal number; `nil` where there is none, or it is none or above 64 bits. The
    /// token is behind the cursor in each case.
    public mutating func decimal() -> UInt64? { token()?.decimal }

    /// The next token as a hexadecimal number without prefix, as ``decimal()``.
    public mutating func hexadecimal() -> UInt64? { token()?.hexadecimal }

    /// Moves past the next `count` tokens of the line.
    public mutating func skipTokens(_ count: Int) {
        for _ in 0..<count where token() == nil { return }
    }

    /// Moves past `prefix` when it comes next; whether it did.
    public mutating func skip(_ prefix: StaticString) -> Bool {
        guard rest.starts(with: prefix) else { return false }
        position += prefix.utf8CodeUnitCount
        return true
    }

    private func index(of byte: UInt8) -> Int? {
        let start = position
        return bytes.withUnsafeBufferPointer { memory in
            guard let base = memory.baseAddress, start < memory.count else { return nil }
            guard let found = unsafe memchr(base + start, CInt(byte), memory.count - start) else { return nil }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

extension Span<UInt8> {
    /// The whole span as an unsigned decimal number; `nil` where it is empty, has another byte than a digit, or is above
    /// 64 bits.
    public var decimal: UInt64? {
        guard count > 0 else { return nil }
        var value: UInt64 = 0
        for index in indices {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// The whole span as a hexadecimal number in either case without prefix; `nil` as for ``decimal``.
    public var hexadecimal: UInt64? {
        guard count > 0 else { return nil }
        var value: UInt64 = 0
        for index in indices {
            let digit: UInt8
            switch self[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = self[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = self[index] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = self[index] - UInt8(ascii: "A") + 10
            default: return nil
            }
            guard value >> 60 == 0 else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    /// Whether the first bytes are those of `prefix`.
    public func starts(with prefix: StaticString) -> Bool {
        guard prefix.hasPointerRepresentation, count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where unsafe self[index] != prefix.utf8Start[index] { return false }
        return true
    }

    /// Whether the bytes are those of `text`.
    public func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && starts(with: text)
    }

    /// Whether the bytes are those of `other`.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBufferPointer { mine in
            other.withUnsafeBufferPointer { theirs in
                guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else { return true }
                return unsafe memcmp(mine, theirs, count) == 0
            }
        }
    }

    /// Whether the bytes are those of `other`.
    public func equals(_ other: [UInt8]) -> Bool { equals(other.span) }

    /// The bytes as an array.
    public var array: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in indices { unsafe buffer.initializeElement(at: index, to: self[index]) }
            initialized = count
        }
    }

    /// The bytes as text; what is no UTF-8 is replaced.
    public var text: String { withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) } }
}
