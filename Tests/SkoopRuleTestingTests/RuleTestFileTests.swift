// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopRuleTesting
import SkoopYAML
import Testing

@Suite struct RuleTestFileTests {
    private static func errors(_ text: String) -> [String] {
        do throws(DocumentErrors) {
            _ = try RuleTestFile(text, file: "t")
            return []
        } catch { return error.errors.map(\.description) }
    }

    private static let frame = "tests:\n- name: a\n  recording: r.skoop\n  "

    @Test func saysAllThatCodeCanSay() throws {
        let file = try RuleTestFile(
            """
            tests:
              - name: whole
                recording: a.skoop
                pages: [b, /c]
                interval: 30s
                events: d.jsonl
                range: {from: 90s, to: "2026-11-22T10:32:00Z"}
                expect:
                  - {case: listen-overflow, entity: shop/cart-0, confidence: {atLeast: 0.5, atMost: 0.9}}
                  - {case: path-loss, explainedBy: listen-overflow}
                absent: [{case: netfilter-drop}]
                undecided: [{case: dns-slow, entity: n}]
                nothingElse: true
            """, file: "folder/t.yaml")
        #expect(file.rules == Rule.builtIn)
        let test = try #require(file.tests.first)
        #expect(test.name == "whole" && test.sources.count == 3 && test.isComplete)
        #expect(test.from == .offset(90_000_000_000) && test.to == .time(1_795_343_520_000_000_000))
        #expect(
            test.expected == [
                .init("listen-overflow", of: "shop/cart-0", confidence: 0.5...0.9, line: 9),
                .init("path-loss", explainedBy: "listen-overflow", line: 10),
            ])
        #expect(test.absent == [.init("netfilter-drop", line: 11)])
        #expect(test.undecided == [.init("dns-slow", of: "n", line: 12)])
    }

    @Test(arguments: [
        ("", "t:1: tests: expected a list of tests, found nothing"),
        ("tests:\n- recording: r\n  expect: []\n", "t:2: tests[0].name: missing, every test has one"),
        ("tests:\n- name: a\n  expect: []\n", "t:2: tests[0]: has no evidence, give recording, pages or events"),
        (
            "tests:\n- name: a\n  recording: r\n",
            "t:2: tests[0]: expects nothing, give one of expect, absent, undecided"
        ),
        (frame + "expct: []\n  absent: []", "t:4: tests[0].expct: unknown key 'expct', did you mean 'expect'?"),
        (
            frame + "expect: [{case: listen-overflw}]",
            "t:4: tests[0].expect[0].case: unknown rule 'listen-overflw', did you mean 'listen-overflow'?"
        ),
        (frame + "expect: [{entity: a}]", "t:4: tests[0].expect[0].case: missing, it names the rule"),
        (
            frame + "expect: [{case: path-loss, confidence: {atLeast: 90}}]",
            "t:4: tests[0].expect[0].confidence.atLeast: expected a number between 0.0 and 1.0, found 90"
        ),
        (
            frame + "absent: [{case: path-loss, confidence: {atLeast: 0.5}}]",
            "t:4: tests[0].absent[0].confidence: unknown key 'confidence'"
        ),
        (frame + "absent: []\n  interval: 5s", "t:5: tests[0].interval: is that of pages, and there are none"),
        (frame + "absent: []\n  range: {from: 20d}", "t:5: tests[0].range.from: expected a duration from"),
        // Depends on the day, and on the zone.
        (frame + "absent: []\n  range: {from: \"10:32\"}", "t:5: tests[0].range.from: expected a duration from"),
        (frame + "absent: []\n  range: {from: 2026-11-22T10:32:00}", "t:5: tests[0].range.from: expected"),
        ("rules: [nowhere.yaml]\ntests: []", "nowhere.yaml: cannot be read, a readable file is needed: "),
        ("builtIn: false\n" + frame + "expect: [{case: path-loss}]", "t:5: tests[0].expect[0].case: unknown rule"),
    ]) func namesPlaceAndWayOut(_ text: String, _ message: String) {
        let errors = Self.errors(text)
        #expect(errors.count == 1 && errors[0].hasPrefix(message), "\(errors)")
    }
}
