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
