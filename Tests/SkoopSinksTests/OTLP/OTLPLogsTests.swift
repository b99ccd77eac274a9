// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvents
import SkoopHTTP
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopSinks

@Suite struct OTLPLogsTests {
    /// The request as the classes generated from the protocol's own definition read it.
    static let decode = """
        import sys
        from google.protobuf.json_format import MessageToJson
        from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
        body = open(sys.argv[1], 'rb').read()
        message = logs_service_pb2.ExportLogsServiceRequest.FromString(body)
        assert message.SerializeToString() == body, 'fields are not in order, or unknown'
        print(MessageToJson(message, preserving_proto_field_name=True))
        """

    func decoded(_ body: [UInt8]) throws -> [[String: Any]] {
        let directory = try TemporaryDirectory()
        try directory.write(body, to: "body")
        let text = try run(try TestTools.python(), "-c", Self.decode, directory.path + "/body")
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require(object?["resource_logs"] as? [[String: Any]])
    }

    func attributes(_ object: Any?) -> [String: String] {
        let list = (object as? [String: Any])?["attributes"] as? [[String: Any]] ?? []
        return list.reduce(into: [:]) { result, pair in
            let value = (pair["value"] as? [String: Any])?.first
            let text = (value?.value as? [String: Any]).map {
                "\(($0["values"] as? [[String: String]] ?? []).map { $0["string_value"] ?? "" })"
            }
            result[pair["key"] as? String ?? "?"] = "\(value?.key ?? "") \(text ?? "\(value?.value ?? "")")"
        }
    }

    func records(_ resource: [String: Any]) -> [[String: Any]] {
        let scopes = resource["scope_logs"] as? [[String: Any]] ?? []
        #expect(scopes.map { ($0["scope"] as? [String: String])?["name"] } == ["skoop"])
        return scopes.flatMap { $0["log_records"] as? [[String: Any]] ?? [] }
    }

    @Test func everyReceiverCanReadIt() throws {
        var logs = OTLPLogs(serviceName: "skoop", attributes: [("k8s.cluster.name", "east")])
        logs.now = { 1_700_000_001_000_000_000 }
        let event = Event.loss(1_700_000_000_123_456_789)
        var silent = Event.softirq(1_700_000_000_000_000_001)
        silent.values[1] = .flag(false)
        let (body, count) = logs.encode([event, silent, .loss(2, version: 6)], upTo: 1 << 20)
        #expect(count == 3)
        let resources = try decoded(body)
        #expect(
            resources.map { attributes($0["resource"]) } == [
                [
                    "service.name": "string_value skoop", "host.name": "string_value worker",
                    "k8s.node.name": "string_value worker", "k8s.namespace.name": "string_value shop",
                    "k8s.pod.name": "string_value web-1", "skoop.entity.kind": "string_value pod",
                    "skoop.netns": "int_value 4026531840", "k8s.cluster.name": "string_value east",
                ],
                [
                    "service.name": "string_value skoop", "host.name": "string_value worker",
                    "skoop.entity.kind": "string_value node", "skoop.netns": "int_value 4026531840",
                    "k8s.cluster.name": "string_value east",
                ],
            ])
        let losses = records(resources[0])
        #expect(losses.count == 2)
        let loss = try #require(losses.first)
        #expect(loss["time_unix_nano"] as? String == "1700000000123456789")
        #expect(loss["observed_time_unix_nano"] as? String == "1700000001000000000")
        #expect(
            loss["severity_number"] as? String == "SEVERITY_NUMBER_WARN" && loss["severity_text"] as? String == "WARN")
        #expect(loss["event_name"] as? String == "PacketLoss")
        #expect(loss["body"] as? [String: String] == ["string_value": event.message])
        #expect(
            attributes(loss) == [
                "skoop.event.type": "string_value PacketLoss", "skoop.event.probe": "string_value packetloss",
                "skoop.event.count": "int_value 3", "skoop.event.last_unix_nano": "int_value 1700000000123456794",
                "network.transport": "string_value udp", "network.type": "string_value ipv4",
                "source.address": "string_value 10.0.0.1", "source.port": "int_value \(event.tuple?.source.port ?? 0)",
                "destination.address": "string_value 10.0.0.2", "destination.port": "int_value 53",
                "skoop.source.type": "string_value pod", "skoop.source.namespace": "string_value shop",
                "skoop.source.pod": "string_value web-1", "skoop.destination.type": "string_value node",
                "skoop.destination.node": "string_value dns-node", "process.pid": "int_value 12",
                "thread.id": "int_value 34", "thread.name": "string_value curl",
                "skoop.reason": "string_value NO_SOCKET", "skoop.location": "string_value udp_rcv+0x12",
                "skoop.stack": "array_value [\"one\", \"two\\\"\\n\"]",
            ])
        let v6 = attributes(losses[1])
        #expect(v6["network.type"] == "string_value ipv6" && v6["source.address"] == "string_value 2001:db8::1")
        let softirq = try #require(records(resources[1]).first)
        // An event without a text is told by what its type means.
        #expect(softirq["body"] as? [String: String] == ["string_value": silent.type.help])
        #expect(attributes(softirq)["skoop.latency_ns"] == "int_value 12345678")
        #expect(attributes(softirq)["skoop.cpu"] == "bool_value 0")
        // The field `type` of this event is another thing than the event's type.
        #expect(attributes(softirq)["skoop.type"] == "string_value net_rx")
        #expect(attributes(softirq)["skoop.event.type"] == "string_value \(silent.type.name)")
    }

    @Test func aRequestHasAnUpperBound() {
        let logs = OTLPLogs(serviceName: "skoop")
        let events = (1...100).map { Event.loss(UInt64($0)) }
        let all = logs.encode(events[...], upTo: .max)
        #expect(all.count == 100)
        let some = logs.encode(events[...], upTo: all.body.count / 4)
        #expect((20...26).contains(some.count) && logs.encode(events[...], upTo: 1).count == 1)
    }

    @Test func numbersAreWrittenAndReadAlike() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let number = UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
            let field = Int.random(in: 1..<5000, using: &random)
            var writer = ProtobufWriter()
            writer.addAlways(field, number)
            writer.add(field + 1, fixed: number)
            writer.add(field + 2, "text")
            writer.add(field + 3, 0)
            var reader = ProtobufReader(writer.bytes[...])
            let fields = [reader.next(), reader.next(), reader.next(), reader.next()]
            #expect(fields.map { $0?.field } == [UInt64(field), UInt64(field) + 1, UInt64(field) + 2, nil])
            #expect(fields[0]?.value == .number(number) && fields[1]?.value == .number(number))
            #expect(fields[2]?.value == .bytes(Array("text".utf8)[...]))
        }
    }

    @Test func anyAnswerCanBeRead() {
        var random = SeededGenerator()
        var writer = ProtobufWriter()
        writer.add(1) { partial in
            partial.add(1, 3)
            partial.add(2, "too old")
        }
        func receipt(_ body: [UInt8], type: String = "application/x-protobuf") -> SinkReceipt {
            HTTPReply(status: 200, contentType: type, body: body).otlpReceipt(count: 10)
        }
        let partial = receipt(writer.bytes)
        #expect(partial.delivered == 7 && partial.lost == ["refused": 3])
        #expect(partial.error?.message == "the receiver did not want 3 of 10 events: too old")
        #expect(partial.error?.isRetryable == false)
        #expect(receipt([]) == SinkReceipt(delivered: 10))
        #expect(receipt(writer.bytes, type: "text/plain") == SinkReceipt(delivered: 10))
        for bytes in mutations(of: writer.bytes, count: 2000, using: &random) {
            let receipt = receipt(bytes)
            #expect(receipt.delivered + (receipt.lost["refused"] ?? 0) == 10 && receipt.delivered >= 0)
            _ = HTTPReply(status: 400, contentType: "application/x-protobuf", body: bytes).otlpMessage
        }
    }
}
