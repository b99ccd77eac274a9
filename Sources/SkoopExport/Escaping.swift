// SPDX-License-Identifier: Apache-2.0

/// How a string is written between its delimiters.
enum Escaping {
    /// As it is.
    case none
    /// Help of text 0.0.4: backslash and line feed.
    case help
    /// Label values of both text formats and help of OpenMetrics: backslash, line feed and double quote.
    case quoted
    /// A JSON string (RFC 8259 section 7): backslash, double quote and every control character.
    case json

    /// The most bytes one byte can become.
    var growth: Int {
        switch self {
        case .none: 1
        case .help, .quoted: 2
        case .json: 6
        }
    }

    /// The character that stands for `byte` after a backslash; nil where the byte needs none, and `u` for `\u00xx`.
    @inline(__always)
    func replacement(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\\"): self == .none ? nil : byte
        case UInt8(ascii: "\n"): self == .none ? nil : UInt8(ascii: "n")
        case UInt8(ascii: "\""): self == .quoted || self == .json ? byte : nil
        case 0..<0x20: self == .json ? UInt8(ascii: "u") : nil
        default: nil
        }
    }
}
