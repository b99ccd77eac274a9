// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct ByteScannerTests {
    @Test func numbersKeepToSixtyFourBits() {
        let decimals: [(String, UInt64?)] = [
            ("0", 0), ("42", 42), ("18446744073709551615", .max), ("18446744073709551616", nil),
            ("99999999999999999999999", nil), ("-1", nil), ("+1", nil), ("1x", nil), ("", nil), ("007", 7),
        ]
        for (text, value) in decimals {
            let bytes = Array(text.utf8)
            #expect(bytes.span.decimal == value, "\(text)")
        }
        let hexadecimals: [(String, UInt64?)] = [
            ("0", 0), ("0000001f", 31), ("DEADbeef", 0xdead_beef), ("ffffffffffffffff", .max),
            ("10000000000000000", nil), ("00000000000000001", 1), ("0x1", nil), ("", nil), ("g", nil),
        ]
        for (text, value) in hexadecimals {
            let bytes = Array(text.utf8)
            #expect(bytes.span.hexadecimal == value, "\(text)")
        }
    }

    @Test func tokensEndAtTheLine() {
        let bytes = Array("TCP: inuse\t 5 \nUDP: x".utf8)
        var scanner = ByteScanner(bytes.span)
        let skipped = scanner.skip("TCP:")
        #expect(skipped)
        #expect(scanner.token()?.text == "inuse")
        #expect(scanner.decimal() == 5)
        #expect(scanner.token()?.text == nil)
        #expect(scanner.line()?.text == "")
        #expect(scanner.field(before: UInt8(ascii: ":"))?.text == "UDP")
        #expect(scanner.field(before: UInt8(ascii: ":"))?.text == nil)
        #expect(scanner.rest.text == " x")
        #expect(scanner.decimal() == nil)
        let atEnd = scanner.isAtEnd
        #expect(atEnd)
    }

    @Test func linesNeedNoNewlineAtTheEnd() {
        for (text, lines) in [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n\nb\n", ["a", "", "b"]), ("a\nb", ["a", "b"]),
        ] {
            let bytes = Array(text.utf8)
            var scanner = ByteScanner(bytes.span)
            var found: [String] = []
            while let line = scanner.line() { found.append(line.text) }
            #expect(found == lines, "\(text.debugDescription)")
        }
    }

    @Test func anyBytesAreSurvived() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                "0123456789afx: \t\n-\u{0}".utf8.randomElement(using: &random) ?? 0
            }
            var scanner = ByteScanner(bytes.span)
            var before = -1
            while !scanner.isAtEnd, scanner.position > before {
                before = scanner.position
                switch UInt8.random(in: 0..<7, using: &random) {
                case 0: _ = scanner.line()?.count
                case 1: _ = scanner.token()?.count
                case 2: _ = scanner.decimal()
                case 3: _ = scanner.hexadecimal()
                case 4: scanner.skipTokens(2)
                case 5: _ = scanner.field(before: UInt8(ascii: ":"))?.count
                default: _ = scanner.skip("0:")
                }
                #expect(scanner.position <= bytes.count, "seed \(random.seed)")
                #expect(scanner.rest.count == bytes.count - scanner.position, "seed \(random.seed)")
            }
        }
    }
}
