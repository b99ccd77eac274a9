// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import SkoopReport
import SkoopRuleTesting
import SkoopTesting
import Testing

@Suite struct RuleTestRunTests {
    private static let rules = """
        rules:
          - id: many-overflows
            cause: more connections than the process takes
            when:
              all:
                - {increase: kubeskoop_tcpext_listenoverflows, atLeast: 5}
                - {increase: kubeskoop_tcpext_listendrops, atLeast: 5}
            confidence: 0.7
            explains: [listen-overflow]
            advice: [look]
          - id: needs-events
            cause: nobody looks for it
            when: {event: DNSNoAnswer, atLeast: 1}
            advice: [look]
        """

    private static func page(_ overflows: Int, _ drops: Int) -> String {
        """
        # TYPE kubeskoop_tcpext_listenoverflows gauge
        kubeskoop_tcpext_listenoverflows{k8s_node="n",k8s_namespace="shop",k8s_pod="cart-0"} \(overflows)
        # TYPE kubeskoop_tcpext_listendrops gauge
        kubeskoop_tcpext_listendrops{k8s_node="n",k8s_namespace="shop",k8s_pod="cart-0"} \(drops)

        """
    }

    /// What the report of a file with one test says.
    private static func report(_ test: String, files: [String: String] = [:]) throws -> (text: String, status: Int32) {
        let directory = try TemporaryDirectory()
        try directory.write(rules, to: "rules.yaml")
        try directory.write(page(1, 1), to: "before.txt")
        try directory.write(page(8, 9), to: "after.txt")
        for (name, text) in files { try directory.write(text, to: name) }
        try directory.write("rules: [rules.yaml]\ntests:\n- name: a test\n  \(test)", to: "test.yaml")
        let run = RuleTestRun([directory.path + "/test.yaml"])
        let text = RuleTestReport(TerminalReport(width: 200)).text(run)
        return (text.replacing(directory.path + "/", with: ""), run.exitStatus)
    }

    private static let pages = "pages: [before.txt, after.txt]\n  "

    @Test func passesWhereEverythingIsAsExpected() throws {
        let (text, status) = try Self.report(
            Self.pages + """
                expect:
                  - {case: many-overflows, entity: shop/cart-0, confidence: {atLeast: 0.65, atMost: 0.75}}
                  - {case: listen-overflow, entity: shop/cart-0 on n, explainedBy: many-overflows}
                  absent: [{case: many-overflows, entity: shop/cart-1}]
                  undecided: [{case: needs-events}]
                  nothingElse: true
                """)
        #expect(status == 0, "\(text)")
        #expect(
            text.hasPrefix(
                "test.yaml: \(Rule.builtIn.count + 2) rules, 1 test\n   ok       a test (2 snapshots, 0 events)\n"))
        #expect(text.hasSuffix("1 test passed\n"))
    }

    @Test(arguments: [
        (
            "expect: [{case: many-overflows, entity: shop/cart-0, confidence: {atLeast: 0.9}}]",
            [
                "line 5: expected many-overflows of shop/cart-0, at least 90 % likely",
                "found many-overflows of shop/cart-0, 70 % likely",
            ]
        ),
        (
            "expect: [{case: many-overflows, explainedBy: path-loss}]",
            [
                "line 5: expected many-overflows, explained by path-loss",
                "found many-overflows of shop/cart-0, 70 % likely",
            ]
        ),
        (
            "expect: [{case: listen-overflow}]",
            ["line 5: expected listen-overflow", "likely, explained by many-overflows of shop/cart-0"]
        ),
        (
            "expect: [{case: many-overflows, entity: shop/cart-1}]",
            [
                "expected many-overflows of shop/cart-1", "there is no such entity in the evidence",
                "found many-overflows of shop/cart-0",
            ]
        ),
        (
            "expect: [{case: needs-events}]",
            ["expected needs-events", "cannot tell: DNSNoAnswer of probe dns is not in the evidence"]
        ),
        (
            "absent: [{case: many-overflows}]",
            ["expected no many-overflows", "found many-overflows of shop/cart-0, 70 %"]
        ),
        // What could not be looked for is not absent.
        ("absent: [{case: needs-events}]", ["expected no needs-events", "cannot tell: DNSNoAnswer"]),
        ("undecided: [{case: many-overflows}]", ["expected that of many-overflows nothing can be told", "found many"]),
        ("nothingElse: true", ["expected nothing", "found many-overflows of shop/cart-0"]),
    ]) func saysWhatFailedAndWhatWasFoundInstead(_ expectation: String, _ lines: [String]) throws {
        let (text, status) = try Self.report(Self.pages + expectation)
        #expect(status == 1, "\(text)")
        for line in lines { #expect(text.contains(line), "\(text)") }
        #expect(text.contains("   FAILED   a test") && text.hasSuffix("1 of 1 test failed\n"), "\(text)")
    }

    @Test func showsTheValuesOfWhatWasNotFound() throws {
        let (text, status) = try Self.report(
            "pages: [before.txt, after.txt]\n  expect: [{case: many-overflows, entity: shop/cart-0}]",
            files: ["after.txt": Self.page(4, 9)])
        #expect(status == 1)
        #expect(
            text.contains("increase of kubeskoop_tcpext_listenoverflows: 3, the rule asks for at least 5"), "\(text)")
        #expect(text.contains("increase of kubeskoop_tcpext_listendrops: 8, the rule asks for at least 5"), "\(text)")
        #expect(text.contains("found listen-overflow of shop/cart-0"), "\(text)")
    }

    @Test func saysWhatIsPartial() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/whole.skoop"
        var writer = try RecordingWriter(path)
        for (time, count) in [(1, 1), (16, 9), (31, 30)] as [(UInt64, UInt64)] {
            var table = EntityTable(node: "n")
            let pod = table.append(
                Entity(kind: .pod, namespace: NamespaceID(rawValue: 7), podNamespace: "shop", podName: "cart-0"))
            let families = [TCPExtMetric.listenoverflows, .listendrops].map { metric in
                var family = Family(metric.metric)
                family.append(count, for: pod)
                return family
            }
            try writer.write(
                Snapshot(timestamp: (1_763_800_000 + time) * 1_000_000_000, entities: table, families: families))
        }
        try writer.finish()
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        try directory.write(Array(bytes.dropLast(3)), to: "cut.skoop")
        try directory.write(Self.rules, to: "rules.yaml")
        try directory.write(
            """
            rules: [rules.yaml]
            tests:
              - {name: whole, recording: whole.skoop, expect: [{case: many-overflows}]}
              - {name: cut, recording: cut.skoop, expect: [{case: many-overflows}]}
              - {name: early, recording: whole.skoop, range: {to: 1s}, absent: [{case: many-overflows}]}
              - {name: none, recording: none.skoop, absent: [{case: many-overflows}]}
              - {name: past, recording: whole.skoop, range: {from: 1h}, absent: [{case: many-overflows}]}
            """, to: "test.yaml")
        let run = RuleTestRun([directory.path + "/test.yaml"])
        let text = RuleTestReport(TerminalReport(width: 200)).text(run).replacing(directory.path + "/", with: "")
        #expect(run.exitStatus == 2 && run.count == 3 && run.failed == 0 && run.unusable == 2, "\(text)")
        #expect(
            text.contains("ok       cut (3 snapshots, 0 events)\n   partial  cut.skoop: the recording was cut off\n"))
        #expect(text.contains("unusable none.skoop: "), "\(text)")
        #expect(text.contains("unusable past: there is no evidence of the time that is to be looked at\n"), "\(text)")
        #expect(text.hasSuffix("3 tests passed, 2 could not be run\n"))
    }

    @Test func filesThatAreWrongAreNamed() throws {
        let (text, status) = try Self.report("expect: []", files: ["rules.yaml": "rules:\n- id: A\n"])
        #expect(status == 2)
        #expect(text.contains("rules.yaml:2: rules[0].id: expected a name of lower-case letters"), "\(text)")
    }
}
