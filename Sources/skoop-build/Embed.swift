// SPDX-License-Identifier: Apache-2.0

/// Compiles `source` and writes a Swift file that holds the object as `BPFImage.<name in camel case>`.
///
/// One string literal in base64, because the compiler takes minutes for an array literal of this size and a plugin
/// may not generate C.
func embed(name: String, source: String, output: String, with tools: Toolchain) {
    let object = output + ".o"
    tools.compile(source, to: object)
    save(
        """
        // Generated from \(name).bpf.c.
        import SkoopBPF

        extension BPFImage {
            /// The program of `\(name).bpf.c`.
            static let \(camelCase(name)) = BPFImage(name: "\(name)", base64: "\(base64(contents(of: object)))")
        }

        """, to: output)
}

private func camelCase(_ name: String) -> String {
    let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    guard let first = words.first, let initial = first.first, initial.isLetter else {
        fail("cannot make a Swift name of '\(name)', a file name must start with a letter")
    }
    return first + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
}

private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
        for place in 0..<4 {
            let digit = alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63]
            text.append(place > group.count ? UInt8(ascii: "=") : digit)
        }
    }
    return String(decoding: text, as: UTF8.self)
}
