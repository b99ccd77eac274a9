// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SkoopYAML

@Suite struct YAMLTests {
    @Test func treesCarryLines() throws {
        let root = try YAMLDocument.parse("a: 1\nb:\n  - x\n  - {c: 'y'}\n")
        #expect(
            root.content
                == .mapping([
                    .init(key: "a", line: 1, value: YAMLNode(.scalar("1", isPlain: true), line: 1)),
                    .init(
                        key: "b", line: 2,
                        value: YAMLNode(
                            .sequence([
                                YAMLNode(.scalar("x", isPlain: true), line: 3),
                                YAMLNode(
                                    .mapping([
                                        .init(key: "c", line: 4, value: YAMLNode(.scalar("y", isPlain: false), line: 4))
                                    ]), line: 4),
                            ]), line: 3)),
                ]))
    }

    @Test func scalarsMeanWhatYAMLSays() throws {
        let scalars = try #require(
            try YAMLDocument.parse("[true, 'true', Off, 12, -7, '12', 1.5, ~, null, \"\", text]").sequence)
        #expect(scalars.map(\.bool) == [true, nil, false] + Array(repeating: nil, count: 8))
        #expect(scalars.map(\.integer) == [nil, nil, nil, 12, -7, nil, nil, nil, nil, nil, nil])
        #expect(scalars.map(\.isNull) == (0..<11).map { (7...8).contains($0) })
        #expect(scalars[9].string == "")
    }

    @Test func anEmptyTextIsNull() throws {
        #expect(try YAMLDocument.parse("").isNull)
        #expect(try YAMLDocument.parse("---\n...\n").isNull)
    }

    @Test func anchorsAreRepeated() throws {
        let root = try YAMLDocument.parse("one: &x [a, b]\ntwo: *x\n")
        let entries = try #require(root.mapping)
        #expect(entries[0].value == entries[1].value)
    }

    @Test(arguments: [
        ("a: 1\na: 2\n", "line 2: key 'a' occurs twice, first in line 1"),
        ("a\n---\nb\n", "line 2: a second document starts, allowed is one"),
        ("a: *b\n", "line 1: alias '*b' has no anchor '&b' before it"),
        ("a: &a [*a]\n", "line 1: alias '*a' has no anchor '&a' before it"),
        ("[1]: 2\n", "line 1: a key must be a single word"),
        ("a: \"x\n", "line 2: not YAML: while scanning a quoted scalar: found unexpected end of stream"),
        (
            "\tx: 1\n",
            "line 1: not YAML: while scanning for the next token: found character that cannot start any token"
        ),
    ]) func badDocumentsAreRefused(_ text: String, _ message: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.description == message)
    }

    @Test func limitsHold() {
        var limits = YAMLDocument.Limits()
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(throws: YAMLError(line: 1, "nested deeper than 32 levels")) { try YAMLDocument.parse(deep) }
        limits.bytes = 3
        #expect(throws: YAMLError(line: 1, "the document has 4 bytes, allowed are 3")) {
            try YAMLDocument.parse("abcd", limits: limits)
        }
        // Nine lines that stand for a thousand million values.
        let bomb = (0..<9).map { level in
            let previous = level == 0 ? "x" : "*l\(level - 1)"
            return "l\(level): &l\(level) [\(Array(repeating: previous, count: 10).joined(separator: ", "))]"
        }
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(bomb.joined(separator: "\n")) }
        #expect(error?.message == "more than 100000 values, counting what aliases repeat")
    }

    @Test func invalidEncodingIsRefused() {
        #expect(throws: YAMLError.self) { try YAMLDocument.parse([0x61, 0x3a, 0x20, 0xff, 0xfe]) }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse([0x61, 0x00, 0x62]) }
    }
}
