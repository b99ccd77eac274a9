// SPDX-License-Identifier: Apache-2.0

/// Writes numbers in bytes of seven bits, and each text once.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []
    private var texts: [String: UInt64]

    /// - Parameter texts: those that the reader knows already.
    init(texts: [String: UInt64] = [:]) { self.texts = texts }

    /// The texts that the reader knows afterwards.
    var knownTexts: [String: UInt64] { texts }

    mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(_ number: Int) { write(UInt64(number)) }

    /// A difference modulo 2^64, small ones of either sign in few bytes.
    mutating func write(difference: UInt64) {
        let signed = Int64(bitPattern: difference)
        write(UInt64(bitPattern: signed << 1 ^ signed >> 63))
    }

    /// A text: its number plus one where it is known, else zero, its length and its bytes.
    mutating func write(_ text: String) {
        if let known = texts[text] { return write(known + 1) }
        texts[text] = UInt64(texts.count)
        write(0 as UInt64)
        write(text.utf8.count)
        bytes += text.utf8
    }

    /// Numbers of which most are zero: how many zeros come first, then one that is none, and so on.
    mutating func write(sparse numbers: some Sequence<UInt64>) {
        var zeros = 0
        for number in numbers {
            if number == 0 {
                zeros += 1
            } else {
                write(zeros)
                write(difference: number)
                zeros = 0
            }
        }
        // The reader knows how many there are.
        write(zeros)
    }
}
