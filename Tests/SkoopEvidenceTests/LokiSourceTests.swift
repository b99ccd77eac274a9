// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAnalysis
import SkoopEvidence
import SkoopModel
import Testing

/// Against answers as Loki's documentation has them.
@Suite struct LokiSourceTests {
    /// A server that holds lines at times, and gives them as Loki does: at most so many at once, in streams.
    private func server(_ lines: [(time: UInt64, text: String)]) -> MadeUpFetcher {
        MadeUpFetcher { path in
            let items = URLComponents(string: path)?.queryItems ?? []
            func number(_ name: String) -> UInt64 {
                items.first { $0.name == name }?.value.flatMap { UInt64($0) } ?? 0
            }
            let found = lines.filter { $0.time >= number("start") && $0.time < number("end") }.prefix(
                Int(number("limit")))
            let streams = Dictionary(grouping: found) { $0.time % 2 }.map { stream, lines -> [String: Any] in
                [
                    "stream": ["job": "kubeskoop", "instance": "node-\(stream)"],
                    "values": lines.map { ["\($0.time)", $0.text] },
                ]
            }
            let document: [String: Any] = ["status": "success", "data": ["resultType": "streams", "result": streams]]
            let body = try? JSONSerialization.data(withJSONObject: document)
            return FetchedPage(status: 200, body: Array(body ?? Data()))
        }
    }

    private func line(_ time: UInt64, _ note: Int = 0) -> (time: UInt64, text: String) {
        (time, "{\"type\":\"BIOLAT_10MS\",\"timestamp\":\(Sample.start + time),\"labels\":null,\"msg\":\"\(note)\"}")
    }

    private func count(_ lines: [(time: UInt64, text: String)]) throws -> Int {
        var evidence = Evidence(span: .max / 4, events: 100_000)
        let request = EvidenceRequest(metrics: [], events: [], range: 1_000_000...2_000_000)
        try LokiSource(server(lines)).add(to: &evidence, request)
        return evidence.eventCount.kept
    }

    @Test func readsPageAfterPage() throws {
        #expect(try count([]) == 0)
        #expect(try count((0..<12_345).map { line(1_000_000 + UInt64($0)) }) == 12_345)
        // Many at the same time, across the border of a page.
        #expect(try count((0..<12_000).map { line(1_000_000 + UInt64($0 / 100), $0) }) == 12_000)
        #expect(try count([line(999_999), line(1_000_000), line(2_000_000), line(2_000_001)]) == 2)
    }

    @Test func knowsTheNodeOfAStreamAndReportsWhatIsNoEvent() throws {
        var evidence = Evidence(span: .max / 4)
        let request = EvidenceRequest(metrics: [], events: [], range: 1_000_000...2_000_000)
        try LokiSource(server([line(1_000_000), line(1_000_001), (1_500_000, "hello")])).add(to: &evidence, request)
        #expect(Set(evidence.entities.map(\.name)) == ["node-0", "node-1"])
        #expect(evidence.gaps.count == 1)
        let error = try #require(throws: EvidenceError.self) {
            try LokiSource(MadeUpFetcher { _ in FetchedPage(status: 404, body: []) }).add(to: &evidence, request)
        }
        #expect(error.message == "it answered 404")
    }
}
