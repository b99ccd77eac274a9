// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel

/// An analysis in which everything occurs that reports can show.
enum SampleAnalysis {
    static let second: UInt64 = 1_000_000_000
    static let start: UInt64 = 1_763_800_200 * second

    static let rules: [Rule] = [
        Rule(
            "listen-overflow", guides: [.http, .jitter],
            symptom: "connecting takes a second or more, or fails, while established connections work",
            cause: "a listen queue overflowed because the process did not accept connections in time",
            when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1, confidence: 0.9,
            supports: [
                Clue(
                    .fill(
                        Measure(TCPSummaryExtraMetric.acceptQueueLength),
                        Measure(TCPSummaryExtraMetric.acceptQueueLimit))
                        >= 0.5, "the accept queues are at least half full"),
                Clue(Quantity.events(EventQuery(PacketlossEvent.packetLoss)) >= 1, "packets were dropped"),
                Clue((Quantity.events(EventQuery(ConnectEvent.noAnswer)) >= 1).of(.peer), "clients had no answer"),
            ],
            contradicts: [
                Clue(Quantity.rate(Measure(TCPMetric.retranssegs)) >= 1, "segments get lost on the way as well")
            ],
            explains: ["syn-retransmits"],
            advice: [
                "find out what the process does when it does not accept: garbage collection, a lock, too few threads, no CPU",
                "give listen() a larger backlog and raise net.core.somaxconn with it",
            ], checks: ["the process's own log at this time"], references: ["https://example.org/backlog?a=1&b=<2>"]),
        Rule(
            "syn-retransmits", guides: [.loss], symptom: "connecting is slow", cause: "SYN segments are sent again",
            when: Quantity.rate(Measure(TCPMetric.retranssegs)) >= 0.1, confidence: 0.6, advice: ["look at the peer"]),
        Rule(
            "slow-reader", guides: [.jitter], symptom: "answers take long", cause: "the application reads late",
            when: .shareAbove(Measure(SocketLatencyExtraMetric.read), 0.1) >= 0.01, advice: ["profile it"]),
    ]

    /// Twenty minutes of two pods, of which one does not accept for a while.
    static func evidence(pod: String = "cart-0") -> Evidence {
        var evidence = Evidence()
        evidence.probes["socketlatency"] = .off
        evidence.probes[EvidenceKey.events(of: "packetloss")] = .failed("needs CAP_BPF")
        for step in 0..<80 {
            var table = EntityTable(node: "node-1")
            let cart = table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_100), podNamespace: "shop", podName: pod))
            let client = table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_101), podNamespace: "shop", podName: "client"
                ))
            let stall = max(0, min(step - 40, 6))
            var overflows = Family(TCPExtMetric.listenoverflows.metric)
            overflows.append(UInt64(7 + 31 * stall), for: cart)
            overflows.append(0, for: client)
            var retransmits = Family(TCPMetric.retranssegs.metric)
            retransmits.append(UInt64(100 + 45 * stall), for: cart)
            retransmits.append(UInt64(40 + 20 * stall), for: client)
            var length = Family(TCPSummaryExtraMetric.acceptQueueLength.metric)
            length.append((1...6).contains(step - 40) ? 129 : UInt64(step % 3), for: cart)
            var limit = Family(TCPSummaryExtraMetric.acceptQueueLimit.metric)
            limit.append(128, for: cart)
            let now = start + UInt64(step) * 15 * second
            evidence.add(
                Snapshot(timestamp: now, entities: table, families: [overflows, retransmits, length, limit]))
            guard stall > 0, stall < 6 else { continue }
            var event = Event(
                type: ConnectEvent.noAnswer.type, timestamp: now - second, node: "node-1",
                entity: table.entities[Int(client)],
                source: Peer(kind: .pod, namespace: "shop", pod: "client"),
                destination: Peer(kind: .pod, namespace: "shop", pod: pod))
            event.count = 4
            evidence.add(event)
        }
        return evidence
    }

    static func analysis(of evidence: Evidence = evidence()) -> Analysis { Analyzer(rules: rules).analyze(evidence) }
}
