// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvents
import SkoopExport
import SkoopModel
import Testing

@testable import SkoopSinks

@Suite struct LokiPushTests {
    func streams(_ body: [UInt8]) throws -> [[String: Any]] {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
        #expect(object.count == 1)
        return try #require(object["streams"] as? [[String: Any]])
    }

    @Test func aLineIsTheEventAtItsTime() throws {
        var push = LokiPush(labels: try LokiLabels(LokiLabels.usual))
        let event = Event.loss(1_700_000_000_123_456_789)
        let (body, count) = push.encode([event], upTo: 1 << 20)
        #expect(count == 1)
        let stream = try #require(try streams(body).first)
        #expect(stream["stream"] as? [String: String] == ["job": "kubeskoop", "instance": "worker"])
        let entry = try #require((stream["values"] as? [[Any]])?.first)
        #expect(entry.count == 2 && entry[0] as? String == "1700000000123456789")
        var encoder = EventEncoder()
        #expect(entry[1] as? String == String(decoding: encoder.encode(event), as: UTF8.self))
    }

    @Test func eventsAreGatheredIntoStreamsByTheirLabels() throws {
        var push = LokiPush(labels: try LokiLabels(["job=a \"b\"", "k8s_namespace", "type", "kind", "probe"]))
        let events = [Event.loss(1), .softirq(2), .loss(3), .softirq(4, node: "other")]
        let (body, count) = push.encode(events[...], upTo: 1 << 20)
        #expect(count == 4)
        let streams = try streams(body)
        #expect(
            streams.map { $0["stream"] as? [String: String] } == [
                [
                    "job": "a \"b\"", "k8s_namespace": "shop", "type": "PacketLoss", "kind": "pod",
                    "probe": "packetloss",
                ],
                // An empty label is none.
                ["job": "a \"b\"", "type": events[1].type.name, "kind": "node", "probe": "softirq"],
            ])
        let times = streams.map { ($0["values"] as? [[Any]] ?? []).map { $0[0] as? String } }
        #expect(times == [["1", "3"], ["2", "4"]])
    }

    @Test func metadataStandsBesideTheLine() throws {
        var push = LokiPush(labels: try LokiLabels(["instance"]), metadata: LokiField.allCases)
        let streams = try streams(push.encode([.loss(1, version: 6), .softirq(2)], upTo: 1 << 20).body)
        let entries = try #require(streams.first?["values"] as? [[Any]])
        #expect(
            entries[0][2] as? [String: String] == [
                "instance": "worker", "type": "PacketLoss", "probe": "packetloss", "kind": "pod",
                "k8s_namespace": "shop", "k8s_pod": "web-1", "netns": "4026531840", "protocol": "UDP",
                "src": "2001:db8::1", "sport": "1", "dst": "2001:db8::2", "dport": "53", "process": "curl",
                "reason": "NO_SOCKET", "location": "udp_rcv+0x12",
            ])
        #expect(
            entries[1][2] as? [String: String] == [
                "instance": "worker", "type": Event.softirq().type.name, "probe": "softirq", "kind": "node",
                "netns": "4026531840", "field_type": "net_rx", "cpu": "1", "latency_ns": "12345678",
            ])
    }

    @Test func aRequestHasAnUpperBound() throws {
        var push = LokiPush(labels: try LokiLabels(LokiLabels.usual))
        let events = (1...100).map { Event.loss(UInt64($0)) }
        let all = push.encode(events[...], upTo: .max)
        #expect(all.count == 100)
        let some = push.encode(events[...], upTo: all.body.count / 4)
        #expect((20...26).contains(some.count) && some.body.count < all.body.count / 3)
        // One event is sent however large it is.
        #expect(push.encode(events[...], upTo: 1).count == 1)
        #expect(push.encode(events[50...], upTo: .max).count == 50)
    }

    @Test(arguments: [
        (["9a=b"], "labels[0]: '9a=b' is no label; expected a name of letters, digits and '_', '=' and a value"),
        (["a="], "labels[0]: 'a=' is no label; expected a name of letters, digits and '_', '=' and a value"),
        (["a=b", "a=c"], "labels[1]: label 'a' is there twice"),
        (["instance=b", "instance"], "labels: label 'instance' is there twice"),
        (
            ["instance", "pod"],
            "labels[1]: unknown field 'pod'; allowed are name=value and instance, type, probe, kind, "
                + "k8s_namespace"
        ),
        (
            ["k8s_pod"],
            "labels[0]: 'k8s_pod' has too many values for a label, list it under metadata; allowed are "
                + "instance, type, probe, kind, k8s_namespace"
        ),
        (["k8s_namespace"], "labels: a stream needs a label that is never empty, such as instance"),
        ([], "labels: a stream needs a label that is never empty, such as instance"),
    ]) func labelsThatCannotBeAreRefused(texts: [String], description: String) {
        let error = #expect(throws: SinkArgumentError.self) { try LokiLabels(texts) }
        #expect(error?.description == description)
    }
}
