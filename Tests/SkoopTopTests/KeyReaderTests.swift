// SPDX-License-Identifier: Apache-2.0
import SkoopTesting
import SkoopTop
import Testing

struct KeyReaderTests {
    private static func keys(_ text: String) -> [Key] {
        var reader = KeyReader()
        return reader.read(text.utf8) + reader.finish()
    }

    @Test(arguments: [
        ("a", [Key.character("a")]), ("é漢", [.character("é"), .character("漢")]), ("\r", [.enter]), ("\t", [.tab]),
        ("\u{7f}\u{8}", [.backspace, .backspace]), ("\u{3}\u{1a}\u{c}", [.control("c"), .control("z"), .control("l")]),
        // xterm, application mode, rxvt, the Linux console; with modifiers.
        ("\u{1b}[A\u{1b}OB\u{1b}[1;5C\u{1b}[D", [.up, .down, .right, .left]),
        ("\u{1b}[H\u{1b}[1~\u{1b}[7~\u{1b}OH", [.home, .home, .home, .home]),
        ("\u{1b}[F\u{1b}[4~\u{1b}[8~", [.end, .end, .end]),
        ("\u{1b}[5~\u{1b}[6~\u{1b}[6;2~", [.pageUp, .pageDown, .pageDown]),
        ("\u{1b}[3~", [.backspace]), ("\u{1b}OM", [.enter]),
        // Function keys, reports of focus and mice, a paste that begins: nothing, and no part of them is a key.
        ("\u{1b}OP\u{1b}[15~\u{1b}[[A\u{1b}[I\u{1b}[<0;10;5M\u{1b}[200~q", [.character("q")]),
        // Alt with a letter is no letter.
        ("\u{1b}q\u{1b}xj", [.character("j")]),
        ("\u{1b}", [.escape]), ("\u{1b}\u{1b}[A", [.escape, .up]), ("\u{1b}\u{1b}", [.escape, .escape]),
        ("\u{1b}[", [.escape]), ("", []), ("\u{0}\u{1c}", []),
    ]) func keysOf(text: String, expected: [Key]) {
        #expect(Self.keys(text) == expected, "\(text.debugDescription)")
    }

    @Test func anEscapeIsAKeyOnlyWhenNothingFollows() {
        var reader = KeyReader()
        #expect(reader.read([0x1b]).isEmpty && reader.isWaiting)
        #expect(reader.read([0x5b]).isEmpty && reader.isWaiting)
        #expect(reader.read([0x41]) == [.up] && !reader.isWaiting)
        #expect(reader.read([0x1b]).isEmpty)
        #expect(reader.finish() == [.escape] && !reader.isWaiting && reader.finish().isEmpty)
    }

    @Test func whatIsNoUTF8IsPassedOver() {
        var reader = KeyReader()
        #expect(reader.read([0xff, 0x80, 0xc3, 0x28, 0xe6, 0xbc, 0x6a]) == [.character("("), .character("j")])
        #expect(reader.read([0xe6]).isEmpty && reader.isWaiting && reader.read([0xbc, 0xa2]) == [.character("漢")])
        // An end in the midst of a character is no key.
        #expect(reader.read([0xe6, 0xbc]).isEmpty && reader.finish().isEmpty)
        #expect(reader.read([UInt8](repeating: 0x30, count: 3)).count == 3)
        // A sequence without end does not swallow everything for ever.
        #expect(
            reader.read([0x1b, 0x5b] + [UInt8](repeating: 0x31, count: 40) + [0x41]).count < 42 && !reader.isWaiting)
    }

    @Test func piecesMakeNoDifference() {
        var random = SeededGenerator()
        let pieces: [[UInt8]] = [
            [0x1b], [0x5b], [0x4f], [0x41], [0x31, 0x3b, 0x35], [0x7e], [0x71], [0xe6, 0xbc, 0xa2], [0xe6], [0xff],
            [0x03],
            [0x35], [0x5b, 0x5b],
        ]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 1...9, using: &random)).flatMap { _ in pieces.randomElement(using: &random)!
            }
            var (whole, single) = (KeyReader(), KeyReader())
            let expected = whole.read(bytes) + whole.finish()
            let keys = bytes.flatMap { single.read([$0]) } + single.finish()
            #expect(keys == expected, "\(bytes), seed \(random.seed)")
        }
    }
}
