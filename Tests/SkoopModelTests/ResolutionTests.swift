// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

/// Older, documented and misspelt names.
@Suite struct ResolutionTests {
    @Test func everySpellingOfTheACKDocumentResolves() throws {
        let rows = try Fixture.rows("ack-spellings.txt")
        #expect(rows.count == 41)
        var differing = 0
        for row in rows {
            let metric = try #require(Catalogue.metric(named: row[0]), "\(row[0])")
            #expect(metric.name == row[1])
            switch Catalogue.resolve(row[0]) {
            case .exact: #expect(row[0] == row[1])
            case .alias(_, let alias):
                differing += 1
                #expect(
                    row[0] != row[1] && metric.aliases.contains { $0.name == alias.name && $0.era == .ack }, "\(row[0])"
                )
            case .probable, .unknown: Issue.record("\(row[0]) does not resolve")
            }
        }
        #expect(differing == 12)
    }

    @Test(arguments: [("v0-spellings.txt", Metric.Alias.Era.v0), ("v1beta-spellings.txt", .v1beta)])
    func spellingsOfOldReleasesResolve(file: String, era: Metric.Alias.Era) throws {
        for row in try Fixture.rows(file) {
            let metric = try #require(Catalogue.metric(named: row[0]), "\(row[0])")
            #expect(metric.name == row[1])
            #expect(metric.aliases.contains(Metric.Alias(row[0], era)))
        }
    }

    @Test func probesThatDidNotExistHaveNoOldNames() {
        for metric in Catalogue.metrics
        where ["rdma", "flow", "tcpretrans"].contains(metric.probe) || metric.name.hasPrefix("skoop_") {
            #expect(metric.aliases.isEmpty, "\(metric.name)")
        }
    }

    @Test func aliasNamesAreDistinctOverOrigins() throws {
        let metric = IOMetric.readbytes.metric
        #expect(metric.aliasNames(of: [.ack, .v1beta]) == ["kubeskoop_pod_ioreadbytes", "kubeskoop_io_ioreadbytes"])
        #expect(metric.aliasNames(of: [.v0]) == ["inspector_pod_ioioreadbytes"])
        #expect(metric.aliasNames(of: []).isEmpty)
    }

    @Test(arguments: [
        ("KubeSkoop_TCP_RetransSegs", "kubeskoop_tcp_retranssegs"),
        ("kubeskoop-tcp-retranssegs", "kubeskoop_tcp_retranssegs"),
        ("kubeskoop_tcp_retrans_segs", "kubeskoop_tcp_retranssegs"),
        ("tcp_retranssegs", "kubeskoop_tcp_retranssegs"),
        ("TcpExtListenDrops", "kubeskoop_tcpext_listendrops"),
        ("ListenDrops", "kubeskoop_tcpext_listendrops"),
        ("kubeskoop_tcpext_listendrop", "kubeskoop_tcpext_listendrops"),
        ("kubeskoop_tcpext_lsitendrops", "kubeskoop_tcpext_listendrops"),
        ("kubeskop_netdev_rxbyte", "kubeskoop_netdev_rxbytes"),
        ("softnet_time_squeezed", "skoop_softnet_time_squeezed_total"),
        ("  rdma_mlx5_VL15_Dropped ", "kubeskoop_rdma_mlx5_VL15_dropped"),
        ("inspector_pod_udp_noports", "kubeskoop_udp_noports"),
        // What the formats put behind a name, and people expect there.
        ("kubeskoop_tcp_activeopens_total", "kubeskoop_tcp_activeopens"),
        ("inspector_pod_udpnoports_total", "kubeskoop_udp_noports"),
        ("skoop_softnet_time_squeezed", "skoop_softnet_time_squeezed_total"),
        ("skoop_softnet_time_squeezed_created", "skoop_softnet_time_squeezed_total"),
        ("KubeSkoop_Softnet_Dropped_Total", "kubeskoop_softnet_dropped"),
        // The beginning of a name.
        ("tcpext_pawsact", "kubeskoop_tcpext_pawsactive"),
        ("kubeskoop_udp_noport_total", "kubeskoop_udp_noports"),
    ])
    func misspeltNamesResolve(spelling: String, name: String) {
        guard case .probable(let metrics) = Catalogue.resolve(spelling) else {
            Issue.record("\(spelling): \(Catalogue.resolve(spelling))")
            return
        }
        #expect(metrics.map(\.name) == [name])
    }

    @Test func severalMetricsOfOneShortNameAreAllNamed() {
        guard case .probable(let metrics) = Catalogue.resolve("inerrors") else {
            Issue.record("inerrors does not resolve")
            return
        }
        #expect(Set(metrics.map(\.name)).isSuperset(of: ["kubeskoop_udp_inerrors", "skoop_udp6_in_errors_total"]))
    }

    @Test func theBeginningOfManyNamesShowsTheShortestOfThem() {
        guard case .probable(let metrics) = Catalogue.resolve("kubeskoop_tcpext_tcpabort") else {
            Issue.record("kubeskoop_tcpext_tcpabort does not resolve")
            return
        }
        #expect(
            metrics.map(\.name).sorted()
                == TCPExtMetric.allCases.map(\.metric.name)
                .filter { $0.hasPrefix("kubeskoop_tcpext_tcpabort") }.sorted())
        guard case .probable(let both) = Catalogue.resolve("softnet_drop") else {
            Issue.record("softnet_drop does not resolve")
            return
        }
        #expect(Set(both.map(\.name)) == ["kubeskoop_softnet_dropped", "skoop_softnet_dropped_total"])
        guard case .probable(let many) = Catalogue.resolve("rdma_mlx5_") else {
            Issue.record("rdma_mlx5_ does not resolve")
            return
        }
        #expect(many.count == 8 && many.allSatisfy { $0.name.hasPrefix("kubeskoop_rdma_mlx5_") })
    }

    @Test func linesOfAnExpositionResolve() {
        #expect(Catalogue.resolve("kubeskoop_tcp_insegs{k8s_pod=\"a b\"} 5") == .exact(TCPMetric.insegs.metric))
        #expect(Catalogue.resolve("kubeskoop_tcp_insegs 5") == .exact(TCPMetric.insegs.metric))
    }

    @Test(arguments: [
        "", " ", "x", "_", "{", "kubeskoop_", "kubes", "kubeskoop_total", "quick brown fox",
        "\u{0}\u{1}", "тисипи", "🐝🐝🐝🐝🐝🐝🐝🐝",
        String(repeating: "kubeskoop", count: 10_000),
    ])
    func nonsenseIsUnknown(spelling: String) {
        #expect(Catalogue.resolve(spelling) == .unknown)
    }

    @Test func probesResolveByEveryName() {
        for (spelling, name) in [
            ("softirq", "softirq"), ("net_softirq", "softirq"), ("virtcmdLatency", "virtcmdlatency"),
            ("netif_txlatency", "netiftxlat"), ("netiftxlatency", "netiftxlat"), ("TCPExt", "tcpext"),
            ("tcp-summary", "tcpsummary"),
        ] { #expect(Catalogue.probe(named: spelling)?.name == name, "\(spelling)") }
        #expect(Catalogue.probe(named: "nosuchprobe") == nil)
        #expect(Catalogue.probe(named: "") == nil)
    }
}
