// SPDX-License-Identifier: Apache-2.0

/// The text of bytes in base 64 (RFC 4648 section 4).
package func base64(_ bytes: some Collection<UInt8>) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let group = Array(rest.prefix(3))
        rest = rest.dropFirst(3)
        let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[$1]) : 0) }
        for digit in 0..<4 {
            text.append(digit <= group.count ? alphabet[bits >> (6 * (3 - digit)) & 63] : UInt8(ascii: "="))
        }
    }
    return String(decoding: text, as: UTF8.self)
}

/// The bytes of a text in base 64 (RFC 4648 section 4), which may have line ends; nil for any other text.
package func decoded(base64 text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (bits, digits, padding) = (0 as UInt32, 0, 0)
    for byte in text.utf8 where ![0x20, 0x09, 0x0a, 0x0d].contains(byte) {
        let value: UInt8
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): value = 62
        case UInt8(ascii: "/"): value = 63
        case UInt8(ascii: "="):
            padding += 1
            continue
        default: return nil
        }
        guard padding == 0 else { return nil }
        bits = bits << 6 | UInt32(value)
        digits += 1
        guard digits % 4 == 0 else { continue }
        bytes += [
            UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
            UInt8(truncatingIfNeeded: bits),
        ]
    }
    guard (digits + padding) % 4 == 0, padding < 3, digits % 4 != 1 else { return nil }
    switch digits % 4 {
    case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3: bytes += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
    default: break
    }
    return bytes
}
