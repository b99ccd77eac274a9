// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopModel
import Testing

/// What is said of a name, and the reference made from the catalogue.
@Suite struct ExplanationTests {
    @Test func exactNameHasEveryLine() {
        let text = Catalogue.explain("kubeskoop_tcpext_listenoverflows").description
        #expect(text.hasPrefix("kubeskoop_tcpext_listenoverflows\n"))
        for part in [
            "meaning", "counter", "k8s_node, k8s_namespace, k8s_pod", "LINUX_MIB_LISTENOVERFLOWS", "accept queue",
            "somaxconn",
            "beware", "inspector_pod_tcpextlistenoverflows", "kubeskoop_tcpext_listenoverflow",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(Catalogue.explain("kubeskoop_tcpext_listenoverflows").note.isEmpty)
    }

    @Test func documentSpellingSaysSoAndKeepsTheMeaning() {
        let explanation = Catalogue.explain("kubeskoop_pod_udpnoports")
        #expect(explanation.metric == UDPMetric.noports.metric)
        #expect(explanation.note.contains("ACK document") && explanation.note.contains("keeps its own meaning"))
    }

    @Test func wronglyDescribedNameKeepsItsMeaning() throws {
        let explanation = Catalogue.explain("kubeskoop_tcpsummary_tcptimewaitconn")
        let metric = try #require(explanation.metric)
        #expect(metric.help.contains("TIME_WAIT"))
        #expect(metric.unit == .none)
        #expect(try #require(metric.correction).contains("kubeskoop_tcpsummary_tcptxqueue"))
        #expect(explanation.description.contains("bytes in send queues"))
    }

    @Test(arguments: [
        "kubeskoop_tcpext_listendrops", "kubeskoop_tcpext_listenoverflows", "kubeskoop_softnet_processed",
        "kubeskoop_softnet_dropped",
        "kubeskoop_io_readsyscall", "kubeskoop_io_writesyscall", "kubeskoop_tcpext_tcpackskippedpaws",
        "kubeskoop_tcp_estabresets",
        "kubeskoop_udp_noports", "kubeskoop_netdev_rxdropped", "kubeskoop_netdev_txdropped",
        "kubeskoop_tcpsummary_tcptxqueue",
        "kubeskoop_tcpsummary_tcprxqueue", "kubeskoop_virtcmdlatency_latency",
    ])
    func misunderstoodNamesAreCorrected(name: String) throws {
        #expect(try #require(Catalogue.metric(named: name)).correction != nil)
    }

    @Test func misspeltNameSaysSo() {
        let explanation = Catalogue.explain("listendrops")
        #expect(explanation.metric == TCPExtMetric.listendrops.metric)
        #expect(
            explanation.description.contains(
                "listendrops: no metric is called so; the closest is kubeskoop_tcpext_listendrops"))
        let several = Catalogue.explain("inerrors")
        #expect(several.metric == nil)
        #expect(several.description.hasPrefix("inerrors: no metric is called so; these come closest\n"))
        #expect(several.description.contains("kubeskoop_udp_inerrors"))
    }

    @Test func probeNamesExplainTheProbe() {
        let text = Catalogue.explain("net_softirq").description
        #expect(text.hasPrefix("net_softirq: a probe with these metrics\n"))
        #expect(text.contains("softirq: ") && text.contains("kubeskoop_softirq_schedslow100ms"))
        #expect(Catalogue.explain("packetloss").metric == nil)
        #expect(Catalogue.explain("packetloss").description.contains("kubeskoop_packetloss_netfilter"))
    }

    @Test func unknownNamesSaySo() {
        #expect(
            Catalogue.explain("quick brown fox").description
                == "quick brown fox: no metric is called so, and none comes close\n")
    }

    @Test func metricReferenceIsUpToDate() throws {
        let url = Fixture.repository("Documentation/metrics.md")
        let generated = MetricReference.markdown()
        if ProcessInfo.processInfo.environment["SKOOP_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try generated.write(to: url, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOf: url, encoding: .utf8)
        #expect(
            committed == generated, "Documentation/metrics.md is stale; SKOOP_UPDATE_GOLDEN=1 swift test rewrites it")
    }

    @Test func metricReferenceNamesEverything() {
        let text = MetricReference.markdown()
        for metric in Catalogue.metrics {
            #expect(text.contains("| `\(metric.name)` | \(metric.kind.rawValue) |"), "\(metric.name)")
        }
        #expect(
            text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| Name") }.count
                == Catalogue.metrics.count)
    }
}
