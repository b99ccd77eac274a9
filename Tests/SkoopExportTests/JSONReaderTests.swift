// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopExport
import SkoopTesting
import Testing

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

    @Test func readsEveryForm() throws {
        let text = #" {"a": [1, -2, 0.5, 1e3, true, false, null, "x\n\u00e9\ud83d\udc1d/"], "b": {}, "c": [] } "#
        #expect(
            try read(text).line
                == #"{"a":[1,-2,0.5,1000.0,true,false,null,"x\né🐝/"],"b":{},"c":[]}"#)
        #expect(try read("18446744073709551615").unsigned == .max)
        #expect(try read("-9223372036854775808").signed == .min)
        #expect(try read("18446744073709551616").double == 18_446_744_073_709_551_616)
        #expect(try read(#"{"a":{"b":7}}"#)["a"]?["b"]?.unsigned == 7)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "[1 2]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":1,\"a\":2}", "01", "-", "1.", ".5",
        "1e",
        "+1", "nul", "truex", "\"a", "\"\u{1}\"", #""\x""#, #""\ud83d""#, #""\udc1d\ud83d""#, #""\u12""#, "1 2",
        "1e999",
        "NaN", "'a'", "[1]]", "// x\n1",
    ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    @Test func refusesWhatIsNoUTF8AndWhatIsTooDeep() throws {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xff, 0x22]) }
        #expect(throws: JSONError.self) { try read(String(repeating: "[", count: 100_000)) }
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try read(deep).elements?.count == 1)
    }

    @Test func comesBackAsItWasWritten() throws {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let value = Self.value(&random, depth: 4)
            #expect(try read(value.line).line == value.line)
            #expect(try read(value.text).line == value.line)
        }
    }

    @Test func isStricterThanFoundationWhateverItGets() throws {
        var random = SeededGenerator()
        var accepted = 0
        for _ in 0..<60 {
            let text = Array(Self.value(&random, depth: 4).line.utf8)
            for damaged in mutations(of: text, count: 20, using: &random) {
                guard let value = try? JSONValue(parsing: damaged) else { continue }
                accepted += 1
                // It has no limit for whole numbers, and takes the name of a member twice.
                let known = try? JSONSerialization.jsonObject(with: Data(damaged), options: .fragmentsAllowed)
                #expect(known != nil, "\(value.line)")
            }
        }
        #expect(accepted > 0)
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(random.next() >> UInt64.random(in: 0..<64, using: &random))
        case 3: return .negative(-1 - Int64(random.next() >> 1))
        case 4: return .number(Double(Int64.random(in: -1000...1000, using: &random)) / 64)
        case 5: return .string(SampleSnapshot.text(using: &random))
        case 6:
            return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(&random, depth: depth - 1) })
        default:
            return .object(
                (0..<Int.random(in: 0..<5, using: &random)).map { number in
                    ("\(number)" + SampleSnapshot.text(using: &random), value(&random, depth: depth - 1))
                })
        }
    }
}
