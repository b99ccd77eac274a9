// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@Suite struct EventEncoderTests {
    static let fields: [EventField] = [
        EventField("reason", .string, "a"), EventField("depth", .integer, "b"), EventField("wait_ns", .duration, "c"),
        EventField("forced", .flag, "d"), EventField("stack", .list, "e"), EventField("unknown", .string, "f"),
    ]

    /// An event with everything, with texts that need escaping.
    static func event(
        _ labels: EventType.Labels, version: IPAddress.Version = .v4, bare: Bool = false
    ) -> Event {
        let type = EventType(
            name: "Test", probe: "test", help: "", labels: labels, fields: fields, source: "", suggests: "")
        let ends =
            version == .v4
            ? (IPAddress(v4: 0x0a00_0001), IPAddress(v4: 0xffff_ffff))
            : (IPAddress(v6: 1), IPAddress(v6: UInt128(0xfd00) << 112 | 0xffff))
        var event = Event(
            type: type, timestamp: 1_763_800_000_123_456_789, node: "node \"1\"",
            entity: Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_001), container: "c0ffee",
                podNamespace: "shop", podName: "web\\1"),
            tuple: bare
                ? nil
                : PacketTuple(
                    protocolNumber: 6, source: .init(ends.0, port: 65535), destination: .init(ends.1, port: 80)),
            source: Peer(kind: .pod, namespace: "shop", pod: "web\\1"), destination: Peer(kind: .node, node: "other"),
            process: bare ? nil : EventProcess(pid: 12, thread: 13, command: "a\u{1}\u{7f}\nb ü"),
            values: [
                .string("NETFILTER_DROP"), .integer(.min), .duration(.max), .flag(true), .list(["f+0x1", "\"g\""]),
                nil,
            ], message: "line 1\nline 2\t<&>")
        event.count = 7
        event.lastTimestamp = event.timestamp + 5
        return event
    }

    static let cases: [Event] = [
        event(.tuple), event(.tuple, version: .v6), event(.tuple, bare: true), event(.entity),
        event(.fields(["reason", "depth", "unknown"])), event(.fields(), bare: true),
    ]

    @Test(arguments: cases.indices) func theSchemaHolds(position: Int) throws {
        var encoder = EventEncoder()
        let schema = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Documentation/schema/event-1.json").path()
        let line = Array(encoder.encode(Self.cases[position]))
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(try PythonOracle("validate.py").run(schema, input: line).isEmpty)
    }

    @Test func everythingIsWritten() throws {
        var encoder = EventEncoder()
        // The second must not contain anything of the first.
        _ = encoder.encode(Self.event(.tuple))
        let line = Data(encoder.encode(Self.event(.tuple, version: .v6)))
        let object = try #require(try JSONSerialization.jsonObject(with: line) as? NSDictionary)
        let end: (String, Int, String, String, String, String) -> NSDictionary = {
            ["address": $0, "port": $1, "type": $2, "node": $3, "k8s_namespace": $4, "k8s_pod": $5]
        }
        let labels = zip(
            TupleLabels.names,
            ["TCP", "::1", "pod", "", "shop", "web\\1", "fd00::ffff", "node", "other", "", "", "65535", "80"]
        ).map { ["name": $0, "value": $1] }
        #expect(
            object == [
                "timestamp": 1_763_800_000_123_456_789, "type": "Test", "labels": labels,
                "msg": "line 1\nline 2\t<&>", "schema": "skoop.event/1", "probe": "test", "node": "node \"1\"",
                "entity": [
                    "kind": "pod", "netns": 4_026_532_001, "container": "c0ffee", "k8s_namespace": "shop",
                    "k8s_pod": "web\\1",
                ],
                "count": 7, "first": 1_763_800_000_123_456_789, "last": 1_763_800_000_123_456_794,
                "tuple": [
                    "protocol": "TCP", "protocol_number": 6, "source": end("::1", 65535, "pod", "", "shop", "web\\1"),
                    "destination": end("fd00::ffff", 80, "node", "other", "", ""),
                ],
                "process": ["pid": 12, "thread": 13, "command": "a\u{1}\u{7f}\nb ü"],
                "fields": [
                    "reason": "NETFILTER_DROP", "depth": Int64.min, "wait_ns": UInt64.max, "forced": true,
                    "stack": ["f+0x1", "\"g\""],
                ],
            ])
    }

    @Test func theEnvelopeIsKubeSkoops() throws {
        var encoder = EventEncoder()
        func text(_ event: Event) -> String { String(decoding: encoder.encode(event), as: UTF8.self) }
        let start = #"{"timestamp":1763800000123456789,"type":"Test","#
        let entity = text(Self.event(.entity))
        #expect(
            entity.hasPrefix(
                start + #""labels":[{"name":"pod","value":"web\\1"},{"name":"namespace","value":"shop"},"#
                    + #"{"name":"node","value":"node \"1\""}],"msg":"line 1\nline 2\u0009<&>","#))
        let fields = text(Self.event(.fields(["reason", "depth", "unknown"])))
        #expect(
            fields.hasPrefix(
                start + #""labels":[{"name":"reason","value":"NETFILTER_DROP"},"#
                    + #"{"name":"depth","value":"-9223372036854775808"},{"name":"unknown","value":""}],"#))
        #expect(text(Self.event(.fields(), bare: true)).hasPrefix(start + #""labels":null,"msg":"#))
    }
}
