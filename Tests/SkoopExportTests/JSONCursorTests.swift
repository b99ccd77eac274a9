// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopExport
import SkoopTesting
import Testing

@Suite struct JSONCursorTests {
    private static let text = #"""
        {"a": {"deep": [1, {"x": "]}\""}], "name": "n"}, "b": "te\u00e9xt", "c": true, "d": 7, "e": null, "f": [1, 2]}
        """#

    @Test func takesWhatIsAskedForAndPassesTheRest() throws {
        var found: [String] = []
        var sum: UInt64 = 0
        var cursor = JSONCursor(Array(Self.text.utf8))
        try cursor.object { (cursor, name) throws(JSONError) in
            switch name {
            case "a":
                try cursor.members { (cursor, name) throws(JSONError) in
                    if name == "name" { found.append(try cursor.text() ?? "-") } else { try cursor.skip() }
                }
            case "b", "d": found.append(try cursor.text() ?? "-")
            case "c": found.append("\(try cursor.isTrue())")
            case "e": try cursor.elements { (_) throws(JSONError) in found.append("never") }
            case "f":
                try cursor.elements { (cursor) throws(JSONError) in sum += try cursor.unsigned() ?? 0 }
            default: try cursor.skip()
            }
        }
        try cursor.finish()
        #expect(found == ["n", "teéxt", "true", "-"] && sum == 3)
    }

    @Test(arguments: ["{", "{\"a\"", "{\"a\":", "[1,", "\"a", "\"a\\", "tru", "[1 2]", "{\"a\":1,}", "1.", "-"])
    func whatIsPassedIsCheckedToo(text: String) {
        #expect(throws: JSONError.self) {
            var cursor = JSONCursor(Array(text.utf8))
            try cursor.skip()
            try cursor.finish()
        }
    }

    @Test func depthHasALimit() {
        #expect(throws: JSONError.self) {
            var cursor = JSONCursor(Array(String(repeating: "[", count: 100_000).utf8))
            try cursor.skip()
        }
    }
}

@Suite struct JSONSplitterTests {
    private func split(
        _ text: String, _ wanted: JSONSplitter.Wanted, chunk: Int, longest: Int = 1000
    ) throws -> (values: [String], rest: String) {
        var splitter = JSONSplitter(wanted, longest: longest)
        var values: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try splitter.feed(rest.prefix(chunk)) { (value) throws(JSONError) in
                values.append(String(decoding: value, as: UTF8.self))
            }
            rest = rest.dropFirst(chunk)
        }
        return (values, String(decoding: splitter.rest, as: UTF8.self))
    }

    @Test(arguments: 1...20) func cutsAnywhere(chunk: Int) throws {
        let objects = #"{"a":"}\"{"} {"b":[{}]}"# + "\n\n" + "{}"
        #expect(
            try split(objects, .objects, chunk: chunk).values == [#"{"a":"}\"{"}"#, #"{"b":[{}]}"#, "{}"])
        let list = #"""
            {"kind":"items","items":[{"items":[{"x":1}]}, {"s":"[]{}\\"}],"metadata":{"items":[{"no":1}],"v":"[\"]"}}
            """#
        let (values, rest) = try split(list, .elements(of: "items"), chunk: chunk)
        #expect(values == [#"{"items":[{"x":1}]}"#, #"{"s":"[]{}\\"}"#])
        #expect(rest == #"{"kind":"items","items":[],"metadata":{"items":[{"no":1}],"v":"[\"]"}}"#)
        #expect(try split(#"{"items":null,"a":[{}]}"#, .elements(of: "items"), chunk: chunk).values == [])
    }

    @Test func whatIsTooLongIsRefused() throws {
        let long = "{\"a\":\"" + String(repeating: "x", count: 2000) + "\"}"
        #expect(throws: JSONError.self) { try split(long, .objects, chunk: 7) }
        #expect(throws: JSONError.self) { try split("{\"items\":[\(long)]}", .elements(of: "items"), chunk: 7) }
        #expect(throws: JSONError.self) { try split(long, .elements(of: "items"), chunk: 7) }
        #expect(try split(long, .objects, chunk: 7, longest: 3000).values == [long])
    }

    @Test(arguments: ["}", "[}", "x", "{}]"]) func whatIsNoSequenceOfObjectsIsRefused(text: String) {
        #expect(throws: JSONError.self) {
            var splitter = JSONSplitter(.objects, longest: 100)
            try splitter.feed(text.utf8) { (value) throws(JSONError) in
                var cursor = JSONCursor(value)
                try cursor.skip()
            }
        }
    }

    /// Whatever comes, and however it is cut: the values are those of the whole, or it is refused.
    @Test func neverCrashes() {
        var random = SeededGenerator()
        let text = Array(#"{"kind":"L","items":[{"a":[1,2]},{"b":"\"}"}],"metadata":{"v":"7"}}{"x":1}"#.utf8)
        for damaged in mutations(of: text, count: 2000, using: &random) {
            for wanted in [JSONSplitter.Wanted.objects, .elements(of: "items")] {
                var whole: [[UInt8]] = []
                var parts: [[UInt8]] = []
                var one = JSONSplitter(wanted, longest: 1000)
                var other = JSONSplitter(wanted, longest: 1000)
                let isWhole = (try? one.feed(damaged) { (value) throws(JSONError) in whole.append(value) }) != nil
                var isSame = true
                for byte in damaged where isSame {
                    isSame = (try? other.feed([byte]) { (value) throws(JSONError) in parts.append(value) }) != nil
                }
                #expect(isWhole == isSame && whole == parts)
            }
        }
    }
}
