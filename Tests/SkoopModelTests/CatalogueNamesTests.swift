// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

/// The catalogue against the names that KubeSkoop exports.
@Suite struct CatalogueNamesTests {
    @Test func hasExactlyKubeSkoopsNames() throws {
        let names = try Fixture.rows("kubeskoop-names.txt").map { $0[0] }
        #expect(names.count == 252)
        #expect(Catalogue.metrics.map(\.name).filter { $0.hasPrefix("kubeskoop_") }.sorted() == names)
    }

    @Test func countsAreThoseOfEveryProbe() {
        let expected = [
            "conntrack": 11, "qdisc": 6, "fd": 2, "io": 4, "ipvs": 5, "netdev": 8, "tcpext": 32, "tcp": 10, "udp": 8,
            "ip": 19, "sock": 5, "softnet": 2, "tcpsummary": 7, "rdma": 112, "flow": 2, "packetloss": 2,
            "tcpretrans": 1, "kernellatency": 4, "socketlatency": 4, "softirq": 4, "netiftxlat": 2,
            "virtcmdlatency": 2,
        ]
        let own = Catalogue.metrics.filter { $0.name.hasPrefix("kubeskoop_") }
        #expect(Dictionary(grouping: own, by: \.probe).mapValues(\.count) == expected)
        #expect(expected.count == 22)
        #expect(own.filter { $0.probe != "rdma" }.count == 140)
        let rdma = own.filter { $0.probe == "rdma" }.map(\.name)
        #expect(rdma.filter { $0.hasPrefix("kubeskoop_rdma_mlx5_") }.count == 50)
        #expect(rdma.filter { $0.hasPrefix("kubeskoop_rdma_erdma_") }.count == 55)
    }

    @Test(arguments: [
        ("kubeskoop_io_readbytes", ["k8s_node", "k8s_namespace", "k8s_pod"]),
        ("kubeskoop_rdma_qp", ["k8s_node", "k8s_namespace", "k8s_pod", "device", "type"]),
        ("kubeskoop_rdma_mlx5_port_rcv_data", ["k8s_node", "k8s_namespace", "k8s_pod", "device", "type", "port"]),
        ("kubeskoop_softirq_schedslow", ["k8s_node", "softirq_type"]),
        ("kubeskoop_flow_bytes", TupleLabels.names),
        ("kubeskoop_tcpretrans_total", TupleLabels.names),
        ("kubeskoop_packetloss_netfilter", ["k8s_node"] + TupleLabels.names),
    ])
    func labelsAreKubeSkoops(name: String, labels: [String]) throws {
        #expect(try #require(Catalogue.metric(named: name)).labelNames == labels)
    }

    @Test func levelsAreGaugesAndTheRestCounters() {
        let levels: Set = [
            "conntrack_entries", "conntrack_maxentries", "fd_openfd", "fd_opensocket", "ip_defaultttl", "ip_forwarding",
            "qdisc_backlog", "qdisc_qlen", "rdma_cm_id", "rdma_cq", "rdma_ctx", "rdma_mr", "rdma_pd", "rdma_qp",
            "rdma_srq", "sock_alloc", "sock_inuse", "sock_mem", "sock_orphan", "sock_tw", "tcp_currestab",
            "tcpsummary_tcpclosewaitconn", "tcpsummary_tcpestablishedconn", "tcpsummary_tcprxqueue",
            "tcpsummary_tcpsynrecvconn", "tcpsummary_tcpsynsentconn", "tcpsummary_tcptimewaitconn",
            "tcpsummary_tcptxqueue",
        ]
        let gauges = Catalogue.metrics.filter { $0.name.hasPrefix("kubeskoop_") && $0.kind == .gauge }
        #expect(Set(gauges.map { String($0.name.dropFirst("kubeskoop_".count)) }) == levels)
    }

    @Test func tcpSummaryNamesEveryKernelState() {
        let names = TCPSummaryExtraMetric.stateNames
        #expect(names.count == 13)
        #expect(names[1] == "established" && names[6] == "time_wait" && names[10] == "listen" && names[11] == "closing")
        #expect(Set(names.filter { !$0.isEmpty }).count == 11)
    }
}
