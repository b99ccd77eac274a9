// SPDX-License-Identifier: Apache-2.0

extension IPAddress {
    /// Reads the text of an address: dotted decimal, or IPv6 after RFC 4291 section 2.2, without a zone.
    public init?(_ text: some StringProtocol) {
        let text = Substring(text)
        guard text.utf8.contains(UInt8(ascii: ":")) else {
            guard let bits = Self.dotted(text) else { return nil }
            self.init(v4: bits)
            return
        }
        let halves: [Substring]
        if let gap = text.indices.first(where: { text[$0...].hasPrefix("::") }) {
            halves = [text[..<gap], text[text.index(gap, offsetBy: 2)...]]
        } else {
            halves = [text]
        }
        guard let front = Self.groups(halves[0], isLast: halves.count == 1),
            let back = Self.groups(halves.count == 2 ? halves[1] : "", isLast: true)
        else { return nil }
        let missing = 8 - front.count - back.count
        guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
        let all = front + Array(repeating: 0, count: missing) + back
        self.init(v6: all.reduce(0) { $0 << 16 | UInt128($1) })
    }

    /// The groups of 16 bits; the last two may be written as an IPv4 address.
    private static func groups(_ text: Substring, isLast: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            if isLast, position == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let bits = dotted(part) else { return nil }
                groups += [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.first != UInt8(ascii: "+"),
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func dotted(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            let isPlain = part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard isPlain, part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"), let byte = UInt8(part) else {
                return nil
            }
            bits = bits << 8 | UInt32(byte)
        }
        return bits
    }
}
