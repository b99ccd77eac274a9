// SPDX-License-Identifier: Apache-2.0

/// Takes keys out of what a terminal sends: UTF-8, and the sequences that xterm, the Linux console, tmux and screen send for
/// keys without a character (ECMA-48, xterm's control sequences).
///
/// Bytes may come in any pieces. What is no key that is known is passed over whole, so that no part of it counts as one.
public struct KeyReader: Sendable {
    private static let escape: UInt8 = 0x1b
    /// Longer than any sequence of a key.
    private static let longest = 32

    private var pending: [UInt8] = []

    /// Makes a reader that has read nothing.
    public init() {}

    /// Whether more may follow that belongs to what has come; an escape that nothing follows within some hundredth of a
    /// second is the key itself.
    public var isWaiting: Bool { !pending.isEmpty }

    /// The keys that are complete with these bytes.
    public mutating func read(_ bytes: some Sequence<UInt8>) -> [Key] {
        pending += bytes
        var keys: [Key] = []
        while let (key, length) = first() {
            pending.removeFirst(length)
            if let key { keys.append(key) }
        }
        return keys
    }

    /// What has come is all there is: an escape was the key, the rest is nothing.
    public mutating func finish() -> [Key] {
        defer { pending = [] }
        return pending.first == Self.escape ? [.escape] : []
    }

    /// The first key and its length; nil where it is not complete. A sequence that is no key has a length only.
    private func first() -> (key: Key?, length: Int)? {
        guard let byte = pending.first else { return nil }
        switch byte {
        case Self.escape: return sequence()
        case 0x0d, 0x0a: return (.enter, 1)
        case 0x09: return (.tab, 1)
        case 0x08, 0x7f: return (.backspace, 1)
        case 0x01...0x1a: return (.control(Character(Unicode.Scalar(byte + 0x60))), 1)
        case 0..<0x20: return (nil, 1)
        case 0x20..<0x7f: return (.character(Character(Unicode.Scalar(byte))), 1)
        default: return scalar()
        }
    }

    /// A character of more than one byte.
    private func scalar() -> (key: Key?, length: Int)? {
        let length: Int
        switch pending[0] {
        case 0xc2...0xdf: length = 2
        case 0xe0...0xef: length = 3
        case 0xf0...0xf4: length = 4
        default: return (nil, 1)
        }
        let bytes = pending.prefix(length)
        // Another byte than a continuation ends what is no UTF-8, and may itself be a key.
        if let stray = bytes.dropFirst().firstIndex(where: { $0 & 0xc0 != 0x80 }) { return (nil, stray) }
        guard bytes.count == length else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self), let character = text.first else {
            return (nil, length)
        }
        return (.character(character), length)
    }

    /// What begins with an escape: `ESC [` or `ESC O`, parameters, and a byte that says which key.
    private func sequence() -> (key: Key?, length: Int)? {
        guard pending.count > 1 else { return nil }
        let introducer = pending[1]
        // Escape, then something else at once: a terminal sends it so for a character with Alt, which means nothing here.
        guard introducer == UInt8(ascii: "[") || introducer == UInt8(ascii: "O") else {
            return introducer == Self.escape ? (.escape, 1) : (nil, 2)
        }
        var position = 2
        // The Linux console sends `ESC [ [ A` for F1.
        if introducer == UInt8(ascii: "["), pending.count > 2, pending[2] == UInt8(ascii: "[") { position = 3 }
        while position < pending.count, (0x20...0x3f).contains(pending[position]) { position += 1 }
        guard position < pending.count else { return pending.count < Self.longest ? nil : (nil, pending.count) }
        let parameters = pending[2..<position]
        guard (0x40...0x7e).contains(pending[position]) else { return (nil, position) }
        return (Self.key(pending[position], parameters), position + 1)
    }

    /// The key of a sequence; with modifiers (`ESC [ 1 ; 5 A`) it is the same.
    private static func key(_ final: UInt8, _ parameters: ArraySlice<UInt8>) -> Key? {
        if parameters.first == UInt8(ascii: "[") { return nil }
        switch final {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return .right
        case UInt8(ascii: "D"): return .left
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "M") where parameters.isEmpty: return .enter
        case UInt8(ascii: "~"):
            switch String(decoding: parameters.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self) {
            case "1", "7": return .home
            case "4", "8": return .end
            case "3": return .backspace
            case "5": return .pageUp
            case "6": return .pageDown
            default: return nil
            }
        default: return nil
        }
    }
}
