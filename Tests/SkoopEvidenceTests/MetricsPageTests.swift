// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvidence
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@Suite struct MetricsPageTests {
    private func page(_ text: String) -> MetricsPage { MetricsPage(text.utf8, time: Sample.start, node: "here") }

    private func value(_ metric: some MetricSet, _ pod: String, in page: MetricsPage) -> UInt64? {
        for snapshot in page.snapshots {
            guard let family = snapshot.families.first(where: { $0.metric == metric.metric }) else { continue }
            for row in 0..<family.count where snapshot.entities.entities[Int(family.entities[row])].podName == pod {
                return family.values[row]
            }
        }
        return nil
    }

    @Test(arguments: [ExpositionFormat.prometheus, .openMetrics], [1, 3])
    func everyMetricComesBack(format: ExpositionFormat, bucketStep: Int) throws {
        var random = SeededGenerator()
        var snapshot = Sample.snapshot(using: &random)
        snapshot.families = snapshot.families.map { $0.merging(buckets: bucketStep) }
        var encoder = SnapshotEncoder()
        let served = encoder.encode(snapshot, as: format)
        // The other spellings stand for the same values and change nothing.
        for compatNames in [[], [.ack, .v0]] as [CompatNames] {
            let page = MetricsPage(
                encoder.encode(snapshot, as: format, compatNames: compatNames), time: snapshot.timestamp)
            #expect(page.reading.isWhole && page.reading.unknown == 0, "\(page.reading)")
            let read = try #require(page.snapshots.first)
            #expect(page.snapshots.count == 1 && read.entities.node == "node-1" && read.timestamp == snapshot.timestamp)
            // Another encoder, since this one knows the entities in another order.
            var other = SnapshotEncoder()
            let differences = Set(Sample.samples(other.encode(read, as: format))).symmetricDifference(
                Sample.samples(served))
            #expect(differences.isEmpty, "\(differences.sorted().prefix(4))")
        }
    }

    @Test func takesKubeSkoopsGauges() {
        let page = page(
            """
            # HELP kubeskoop_tcpext_listenoverflows
            # TYPE kubeskoop_tcpext_listenoverflows gauge
            kubeskoop_tcpext_listenoverflows{k8s_namespace="shop",k8s_node="node-7",k8s_pod="cart-0"} 1.234567e+06
            kubeskoop_tcpext_listenoverflows{k8s_namespace="",k8s_node="node-7",k8s_pod=""} 3
            go_goroutines 12
            """)
        #expect(page.reading.samples == 2 && page.reading.unknownNames == ["go_goroutines"] && page.reading.isWhole)
        #expect(page.snapshots.map(\.entities.node) == ["node-7"])
        #expect(value(TCPExtMetric.listenoverflows, "cart-0", in: page) == 1_234_567)
        #expect(page.snapshots.first?.entities.entities.map(\.kind) == [.node, .pod])
    }

    @Test func takesTheFirstReleasesNamesAndLabels() {
        let labels =
            #"target_node="n",target_namespace="shop",target_pod="cart-0",node="n",namespace="shop",pod="cart-0""#
        let host =
            #"target_node="n",target_namespace="hostNetwork",target_pod="hostNetwork",node="n",namespace="x",pod="x""#
        let page = page("inspector_pod_udpnoports{\(labels)} 4\ninspector_pod_udpnoports{\(host)} 5\n")
        #expect(value(UDPMetric.noports, "cart-0", in: page) == 4)
        #expect(value(UDPMetric.noports, "", in: page) == 5)
    }

    @Test func tellsWhatIsNoPod() {
        let page = page(
            """
            kubeskoop_udp_noports{k8s_node="n",k8s_namespace="",k8s_pod="netns:[4026532001]"} 1
            kubeskoop_udp_noports{k8s_node="n",k8s_namespace="",k8s_pod="netns:blue"} 1
            kubeskoop_udp_noports{k8s_node="n",k8s_namespace="",k8s_pod="container:web"} 1
            kubeskoop_udp_noports{k8s_node="m",k8s_namespace="a",k8s_pod="b"} 1
            """)
        #expect(page.snapshots.map(\.entities.node) == ["m", "n"])
        let kinds = page.snapshots.flatMap { $0.entities.entities.map(\.kind) }
        #expect(Set(kinds) == [.node, .unknown, .namespace, .container, .pod])
        let unknown = page.snapshots.flatMap(\.entities.entities).first { $0.kind == .unknown }
        #expect(unknown?.namespace.rawValue == 4_026_532_001)
    }

    @Test(arguments: [
        ("12", 0, 12), ("1.5", 9, 1_500_000_000), ("1.5e3", 0, 1500), ("2.5", 0, 3), ("0.4", 0, 0), ("1e-12", 9, 0),
        ("-0", 0, 0), ("18446744073709551615", 0, UInt64.max), ("+7", 0, 7), ("0.000002", 9, 2000),
        ("1e19", 0, 10_000_000_000_000_000_000), ("123456789012345678901234567890e-20", 0, 1_234_567_890),
    ])
    func readsNumbersExactly(text: String, decimals: Int, number: UInt64) {
        let metric: any MetricSet = decimals == 9 ? SelfMetric.processCPU : UDPMetric.noports
        let page = page("\(metric.metric.name){k8s_node=\"n\"} \(text)")
        #expect(page.snapshots.first?.families.first?.values == [number], "\(page.reading)")
    }

    @Test(arguments: [
        "kubeskoop_udp_noports", "kubeskoop_udp_noports{", "kubeskoop_udp_noports{a=\"b\" 1", "{} 1",
        "kubeskoop_udp_noports{a=b} 1",
        "kubeskoop_udp_noports{a=\"\\x\"} 1", "kubeskoop_udp_noports one", "kubeskoop_udp_noports NaN",
        "kubeskoop_udp_noports -1",
        "kubeskoop_udp_noports 1e20", "kubeskoop_udp_noports 1 2 3", "kubeskoop_udp_noports{a=\"1\",a=\"2\"} 1",
        "kubeskoop_udp_noports{a=\"b\"x=\"y\"} 1", "<html>", "3a 1", "kubeskoop_udp_noports +Inf", "unknown_metric x",
        "kubeskoop_udp_noports{\"a\"} 1",
    ])
    func reportsABrokenLineAndReadsTheRest(line: String) {
        let page = page(
            "# comment\nkubeskoop_udp_indatagrams{k8s_node=\"n\"} 7\n\(line)\n\nkubeskoop_udp_inerrors{k8s_node=\"n\"} 1"
        )
        #expect(page.reading.samples == 2)
        #expect(page.reading.problems.map(\.line) == [3], "\(page.reading)")
    }

    @Test func reportsASeriesThatComesTwice() {
        let page = page("kubeskoop_udp_noports 1\nkubeskoop_udp_noports 2\n")
        #expect(page.reading.problems.map(\.line) == [2])
        #expect(page.snapshots.first?.families.first?.values == [1])
    }

    @Test func takesNamesInQuotesTimesAndExemplars() {
        let page = page(
            """
            {"kubeskoop_udp_noports",k8s_node="n"} 1 1763800000000
            kubeskoop_udp_inerrors { k8s_node = "n" , } 2 1763800000.123 # {trace="1"} 1
            # EOF
            """)
        #expect(page.reading.samples == 2 && page.reading.isWhole, "\(page.reading)")
    }

    @Test func histogramWhoseSumsFallIsLeftOut() {
        let name = SocketLatencyExtraMetric.write.metric.name
        let good = page(
            "\(name)_bucket{k8s_node=\"n\",le=\"0.001\"} 2\n\(name)_bucket{k8s_node=\"n\",le=\"+Inf\"} 5\n\(name)_sum{k8s_node=\"n\"} 0.5\n\(name)_count{k8s_node=\"n\"} 5"
        )
        #expect(good.snapshots.first?.families.first.map { Array($0.bucketCounts(of: 0)) } == [2, 3])
        let bad = page("\(name)_bucket{k8s_node=\"n\",le=\"0.001\"} 2\n\(name)_bucket{k8s_node=\"n\",le=\"+Inf\"} 1")
        #expect(bad.snapshots.allSatisfy { $0.families.isEmpty })
    }

    @Test func neverFallsOverWhateverItGets() {
        var random = SeededGenerator()
        var encoder = SnapshotEncoder()
        var text = encoder.encode(Sample.snapshot(pods: 1, using: &random), as: .openMetrics)
        text.shuffleLines(keeping: 200, using: &random)
        for damaged in mutations(of: text, count: 200, using: &random) {
            let first = MetricsPage(damaged, time: Sample.start)
            var evidence = Evidence()
            for snapshot in first.snapshots { evidence.add(snapshot) }
            for snapshot in MetricsPage(text, time: Sample.start + Sample.second).snapshots { evidence.add(snapshot) }
            let analysis = Analyzer().analyze(evidence)
            #expect(analysis.snapshots <= 2)
        }
    }
}

extension [UInt8] {
    /// Keeps some of the lines, in any order.
    fileprivate mutating func shuffleLines(keeping count: Int, using random: inout SeededGenerator) {
        let lines = split(separator: 0x0a).shuffled(using: &random).prefix(count)
        self = Array(lines.joined(separator: [0x0a]))
    }
}
