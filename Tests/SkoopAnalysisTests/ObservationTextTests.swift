// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

@testable import SkoopAnalysis

@Suite struct ObservationTextTests {
    private static let somebody = AnalysedEntity(
        node: "n", entity: Entity(kind: .node, namespace: NamespaceID(rawValue: 1)))

    @Test(arguments: [
        (
            Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1, 5.0,
            "increase of kubeskoop_tcpext_listenoverflows: 5 (at least 1)"
        ),
        (
            Quantity.rate(Measure(NetdevMetric.rxbytes)) > 1024, 1_572_864.0,
            "kubeskoop_netdev_rxbytes per second: 1.5 MiB/s (above 1 KiB/s)"
        ),
        (
            Quantity.quantile(Measure(ConnectMetric.seconds), 0.99) >= 0.1, 0.262144,
            "99 % of skoop_connect_seconds are within: 262 ms (at least 100 ms)"
        ),
        (
            Quantity.above(Measure(ConnectMetric.seconds), 1.048576) >= 1, 3.0,
            "skoop_connect_seconds from 1.05 s on: 3 (at least 1)"
        ),
        (
            .fill(Measure(TCPSummaryExtraMetric.acceptQueueLength), Measure(TCPSummaryExtraMetric.acceptQueueLimit))
                >= 0.5, 0.875, "skoop_tcp_accept_queue_length / skoop_tcp_accept_queue_limit: 87.5 % (at least 50 %)"
        ),
        (
            Quantity.increase(Measure(PacketlossExtraMetric.drops).except("reason", "NO_SOCKET", "TCP_RESET")) >= 1, 1,
            "increase of skoop_packet_drops_total{reason!~\"NO_SOCKET|TCP_RESET\"}: 1 (at least 1)"
        ),
        (
            Quantity.events(EventQuery(DNSEvent.error).where("rcode", "SERVFAIL")) >= 1, 2,
            "events DNSError (rcode SERVFAIL): 2 (at least 1)"
        ),
    ])
    func saysWhatWasSeenAndWhatTheThresholdIs(_ condition: Condition, _ value: Double, _ text: String) {
        let observation = Observation(subject: Self.somebody, test: condition.tests[0], value: value)
        #expect(observation.text == text)
    }
}
