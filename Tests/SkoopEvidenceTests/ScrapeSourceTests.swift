// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import Synchronization
import Testing

@Suite struct ScrapeSourceTests {
    /// Counts upwards with every reading; every third one fails.
    private final class Counter: Sendable {
        let readings = Atomic(0)
    }

    private func page(_ number: Int) -> FetchedPage {
        FetchedPage(
            status: 200,
            body: Array(
                "kubeskoop_tcpext_listenoverflows{k8s_node=\"n\",k8s_namespace=\"a\",k8s_pod=\"b\"} \(number)\n".utf8))
    }

    @Test func readsAgainAndAgain() throws {
        let counter = Counter()
        let fetcher = MadeUpFetcher { path in
            let number = counter.readings.add(1, ordering: .relaxed).newValue
            return path == "/metrics" && number % 3 != 0 ? page(number) : nil
        }
        var evidence = Evidence()
        let source = ScrapeSource(fetcher, for: .milliseconds(120), every: .milliseconds(20))
        try source.add(to: &evidence, EvidenceRequest(Analyzer()))
        #expect(evidence.times.count >= 3 && evidence.gaps.count == 1)
        #expect(Analyzer().analyze(evidence).findings.contains { $0.rule.id == "listen-overflow" })
    }

    @Test func givesUpAtOnceWhereNothingAnswers() throws {
        var evidence = Evidence()
        for (page, message) in [
            (nil, "connection refused"), (FetchedPage(status: 404, body: []), "it answered 404"),
            (FetchedPage(status: 200, body: Array("<html>".utf8)), "no metric in it"),
        ] as [(FetchedPage?, String)] {
            let source = ScrapeSource(MadeUpFetcher { _ in page }, for: .seconds(60), every: .seconds(1))
            let error = try #require(throws: EvidenceError.self) {
                try source.add(to: &evidence, EvidenceRequest(Analyzer()))
            }
            #expect(error.description.contains(message), "\(error)")
        }
    }
}
