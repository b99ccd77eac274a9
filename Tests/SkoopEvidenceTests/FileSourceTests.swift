// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopEvidence
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@Suite struct FileSourceTests {
    private static let request = EvidenceRequest(Analyzer())

    private func page(_ overflows: Int, _ rest: String = "") -> String {
        """
        # TYPE kubeskoop_tcpext_listenoverflows gauge
        kubeskoop_tcpext_listenoverflows{k8s_node="n",k8s_namespace="shop",k8s_pod="cart-0"} \(overflows)
        \(rest)

        """
    }

    @Test func twoScrapesNameACause() throws {
        let directory = try TemporaryDirectory()
        try directory.write(page(7), to: "a")
        try directory.write(page(12), to: "b")
        var evidence = Evidence()
        let paths = ["a", "b"].map { directory.path + "/" + $0 }
        try ScrapeFiles(paths).add(to: &evidence, Self.request)
        let finding = try #require(Analyzer().analyze(evidence).findings.first)
        #expect(finding.rule.id == "listen-overflow" && finding.subject.name == "shop/cart-0")
        #expect(finding.observations.first?.value == 5)
        // Written in another order than served.
        var other = Evidence()
        try ScrapeFiles(paths.reversed()).add(to: &other, Self.request)
        #expect(other.gaps.count == 1 && other.times.count == 2)
    }

    /// What the second node counted before it was first asked has not happened since the first was.
    @Test func pagesOfTwoNodesDoNotCountForEachOther() throws {
        let directory = try TemporaryDirectory()
        var paths: [String] = []
        for (number, node) in ["one", "two", "one", "two"].enumerated() {
            let success = "skoop_probe_success{k8s_node=\"\(node)\",probe=\"tcpext\"} 1"
            try directory.write(
                page(7000, success).replacingOccurrences(of: "\"n\"", with: "\"\(node)\""), to: "\(number)")
            paths.append("\(directory.path)/\(number)")
        }
        var evidence = Evidence()
        try ScrapeFiles(paths).add(to: &evidence, Self.request)
        #expect(Set(evidence.entities.map(\.node)) == ["one", "two"] && evidence.times.count == 4)
        #expect(Analyzer().analyze(evidence).findings.isEmpty)
    }

    @Test func saysWhatIsWrongWithAFile() throws {
        let directory = try TemporaryDirectory()
        try directory.write("<html>no</html>", to: "html")
        try directory.write("go_goroutines 1\n", to: "other")
        try directory.write(page(1, "broken{"), to: "broken")
        try directory.write("", to: "empty")
        var evidence = Evidence()
        for (name, message) in [
            ("missing", "no such file or directory"), ("html", "no metric in it; line 1"), ("empty", "no metric in it"),
            ("other", "no metric that the catalogue knows among 1, for example go_goroutines"), ("", "is a directory"),
        ] {
            let error = try #require(throws: EvidenceError.self) {
                try ScrapeFiles([directory.path + "/" + name]).add(to: &evidence, Self.request)
            }
            #expect(error.description.contains(message), "\(error)")
        }
        try ScrapeFiles([directory.path + "/broken"]).add(to: &evidence, Self.request)
        #expect(evidence.gaps.count == 2 && evidence.times.count == 1, "\(evidence.gaps)")
    }

    @Test func eventsAndMetricsMeetInOneEntity() throws {
        let directory = try TemporaryDirectory()
        try directory.write(page(7), to: "a")
        try directory.write(page(12), to: "b")
        var evidence = Evidence()
        try ScrapeFiles(["a", "b"].map { directory.path + "/" + $0 }).add(to: &evidence, Self.request)
        let event = Event(
            type: ConnectEvent.noAnswer.type, timestamp: evidence.times[1], node: "n",
            entity: Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_001), podNamespace: "shop", podName: "cart-0"))
        var encoder = EventEncoder()
        try directory.write(Array(encoder.encode(event)), to: "events")
        try EventFile(directory.path + "/events").add(to: &evidence, Self.request)
        #expect(evidence.entities.map(\.name) == ["n", "shop/cart-0"] && evidence.eventCount.kept == 1)
        var outside = Evidence()
        let early = EvidenceRequest(metrics: [], events: [], range: 0...Sample.start)
        try EventFile(directory.path + "/events").add(to: &outside, early)
        #expect(outside.eventCount.kept == 0)
    }
}
