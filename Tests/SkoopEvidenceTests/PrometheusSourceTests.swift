// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import SkoopTesting
import Testing

/// Against the real server, which scrapes pages of KubeSkoop's names and those of its first releases.
@Suite(.serialized) struct PrometheusSourceTests {
    /// A page of a node whose pod's listen queue has overflowed so often.
    private func page(_ overflows: Int, step: Int) -> String {
        """
        # TYPE kubeskoop_tcpext_listenoverflows gauge
        kubeskoop_tcpext_listenoverflows{k8s_node="node-1",k8s_namespace="shop",k8s_pod="cart.0"} \(overflows)
        kubeskoop_tcpext_listenoverflows{k8s_node="node-1",k8s_namespace="shop",k8s_pod="cartx0"} \(overflows)
        kubeskoop_tcpext_listenoverflows{k8s_node="node-1",k8s_namespace="shop",k8s_pod="api"} \(overflows)
        kubeskoop_flow_packets{protocol="TCP",src="10.0.0.1",src_type="pod",src_node="",src_namespace="shop",src_pod="api",dst="10.0.0.2",dst_type="pod",dst_node="",dst_namespace="old",dst_pod="db",sport="0",dport="5432"} \(step)
        inspector_pod_tcpextlistenoverflows{target_node="node-2",target_namespace="old",target_pod="db",node="node-2",namespace="old",pod="db"} \(overflows)
        # TYPE kubeskoop_tcp_insegs gauge
        kubeskoop_tcp_insegs{k8s_node="node-1",k8s_namespace="",k8s_pod=""} \(step)
        skoop_socket_read_latency_seconds_bucket{k8s_node="node-1",k8s_namespace="shop",k8s_pod="cart.0",protocol="TCP",le="0.008192"} \(step)
        skoop_socket_read_latency_seconds_bucket{k8s_node="node-1",k8s_namespace="shop",k8s_pod="cart.0",protocol="TCP",le="+Inf"} \(step)
        skoop_socket_read_latency_seconds_sum{k8s_node="node-1",k8s_namespace="shop",k8s_pod="cart.0",protocol="TCP"} 0.5
        skoop_socket_read_latency_seconds_count{k8s_node="node-1",k8s_namespace="shop",k8s_pod="cart.0",protocol="TCP"} \(step)

        """
    }

    private func freePort() throws -> Int {
        let text = try run(
            "python3", "-c", "import socket; s=socket.socket(); s.bind(('127.0.0.1',0)); print(s.getsockname()[1])")
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    private func names(_ analysis: Analysis) -> Set<String> {
        Set(analysis.findings.filter { $0.rule.id == "listen-overflow" }.map(\.subject.fullPlace))
    }

    @Test func asksARealServer() async throws {
        let directory = try TemporaryDirectory()
        let (exporter, server) = (try freePort(), try freePort())
        try directory.write(page(7, step: 0), to: "metrics")
        try directory.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: kubeskoop
                static_configs: [{targets: ["127.0.0.1:\(exporter)"]}]

            """, to: "prometheus.yml")
        let http = try TestProcess(
            ["python3", "-m", "http.server", "\(exporter)", "--bind", "127.0.0.1", "--directory", directory.path],
            errors: .nullDevice)
        let prometheus = try TestProcess(
            TestTools.program("prometheus"), "--config.file=\(directory.path)/prometheus.yml",
            "--storage.tsdb.path=\(directory.path)/data", "--web.listen-address=127.0.0.1:\(server)",
            "--log.level=error")
        let fetcher = CurlFetcher(server: "http://127.0.0.1:\(server)")
        let start = UInt64(Date().timeIntervalSince1970 * 1e9)
        for overflows in [7, 19] {
            for step in 1...150 {
                try directory.write(page(overflows, step: overflows + step), to: "metrics.new")
                try FileManager.default.moveReplacing(directory.path + "/metrics.new", directory.path + "/metrics")
                try await Task.sleep(for: .milliseconds(300))
                // Until the server has seen this very value a few times.
                let series = "(kubeskoop_tcpext_listenoverflows%3D%3D\(overflows))"
                let query = "/api/v1/query?query=count_over_time(\(series)%5B1m:1s%5D)%3E3"
                let seen = (try? fetcher.fetch(query)).map { String(decoding: $0.body, as: UTF8.self) }
                if seen?.contains("cart") ?? false { break }
            }
        }
        let range = start...UInt64(Date().timeIntervalSince1970 * 1e9)
        let analyzer = Analyzer()
        var request = EvidenceRequest(analyzer, range: range)
        request.metrics.formUnion([SocketLatencyExtraMetric.read.metric, TCPMetric.insegs.metric])

        var evidence = Evidence()
        try PrometheusSource(fetcher).add(to: &evidence, request)
        #expect(evidence.times.count >= 4, "\(evidence.times)")
        #expect(
            names(analyzer.analyze(evidence)) == [
                "node-1 shop/api", "node-1 shop/cart.0", "node-1 shop/cartx0", "node-2 old/db",
            ])
        let read = Test(.increase(Measure(SocketLatencyExtraMetric.read)), .atLeast, 1)
        let cart = try #require(evidence.entities.first { $0.entity.podName == "cart.0" })
        let curve = evidence.curves(of: [Observation(subject: cart, test: read, value: 1)], range: range)[0]
        #expect(curve.points.compactMap(\.value).reduce(0, +) >= 5)

        for (pods, expected) in [
            (["shop/cart.0"], ["node-1 shop/cart.0"]), (["db"], ["node-1 shop/api", "node-2 old/db"]),
            (["no\"such"], []),
            // The other end of a flow is looked at too.
            (["api"], ["node-1 shop/api", "node-2 old/db"]),
        ] as [([String], Set<String>)] {
            var some = Evidence()
            try PrometheusSource(fetcher, pods: pods.compactMap { PodName($0) }, step: 1_000_000_000).add(
                to: &some, request)
            #expect(names(analyzer.analyze(some)) == expected, "\(pods)")
            #expect(some.entities.contains { $0.entity.kind == .node && $0.node == "node-1" })
        }
        // Nothing was there an hour ago.
        let hour: UInt64 = 3_600_000_000_000
        let early = EvidenceRequest(analyzer, range: range.lowerBound - 2 * hour...range.lowerBound - hour)
        var none = Evidence()
        let error = #expect(throws: EvidenceError.self) { try PrometheusSource(fetcher).add(to: &none, early) }
        #expect(error?.message == "it has none of the metrics at that time")
        prometheus.kill()
        http.kill()
    }

    @Test(
        arguments: [
            (nil, "connection refused"), (FetchedPage(status: 503, body: Array("no\n".utf8)), "it answered 503: no"),
            (FetchedPage(status: 401, body: []), "it does not let us in: it answered 401"),
            (FetchedPage(status: 302, body: []), "redirections are not followed"),
            (FetchedPage(status: 200, body: Array("<html>".utf8)), "its answer is no JSON"),
            (FetchedPage(status: 200, body: Array("{}".utf8)), "none of the API of Prometheus"),
            (
                FetchedPage(status: 400, body: Array(#"{"status":"error","error":"bad query"}"#.utf8)),
                "it answered 400: bad query"
            ),
            (
                FetchedPage(status: 200, body: Array(#"{"status":"success","data":{"result":[]}}"#.utf8)),
                "none of the metrics"
            ),
        ] as [(FetchedPage?, String)])
    func saysWhatIsWrong(page: FetchedPage?, message: String) throws {
        var evidence = Evidence()
        let request = EvidenceRequest(Analyzer(), range: Sample.start...Sample.start + 900 * Sample.second)
        let error = try #require(throws: EvidenceError.self) {
            try PrometheusSource(MadeUpFetcher { _ in page }).add(to: &evidence, request)
        }
        #expect(error.description.contains(message) && error.source == "http://made.up", "\(error)")
        #expect(throws: EvidenceError.self) {
            try PrometheusSource(MadeUpFetcher { _ in page }).add(to: &evidence, EvidenceRequest(Analyzer()))
        }
    }

    @Test func analysesWhatCouldBeHad() throws {
        let fetcher = MadeUpFetcher { path in
            guard path.hasPrefix("/api/v1/query_range") else {
                return FetchedPage(status: 200, body: Array(#"{"status":"success","data":{"result":[]}}"#.utf8))
            }
            guard path.contains("listenoverflows") else { return FetchedPage(status: 500, body: Array("busy".utf8)) }
            let start = Sample.start / Sample.second
            let body = """
                {"status":"success","warnings":["slow"],"data":{"resultType":"matrix","result":[{"metric":{"__name__":
                "kubeskoop_tcpext_listenoverflows","k8s_node":"n","k8s_namespace":"a","k8s_pod":"b"},
                "values":[[\(start),"1"],[\(start + 15),"4"],[\(start + 30),"NaN"],[\(start + 45),"4"],["x",1],[1]]}]}}
                """
            return FetchedPage(status: 200, body: Array(body.utf8))
        }
        var evidence = Evidence()
        let request = EvidenceRequest(Analyzer(), range: Sample.start...Sample.start + 60 * Sample.second)
        try PrometheusSource(fetcher).add(to: &evidence, request)
        let finding = try #require(Analyzer().analyze(evidence).findings.first { $0.rule.id == "listen-overflow" })
        #expect(finding.observations.first?.value == 3 && finding.isPartial)
        #expect(
            evidence.gaps.count == 2 && evidence.gaps.contains { $0.contains("could not be had") }, "\(evidence.gaps)")
    }
}

extension AnalysedEntity {
    fileprivate var fullPlace: String { "\(node) \(name)" }
}

extension FileManager {
    /// Gives a file the name of another, at once, so that no reader sees half of it.
    fileprivate func moveReplacing(_ path: String, _ other: String) throws {
        guard rename(path, other) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
