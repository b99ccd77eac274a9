// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import Foundation
    import SkoopEvents
    import SkoopExport
    import SkoopModel
    import SkoopProbes
    import SkoopSinks
    import SkoopSystem
    import SkoopTesting
    import Testing

    /// What a real log store has when a sink says that it was delivered.
    @Suite(.serialized, .requiresVictoriaLogs) struct VictoriaLogsTests {
        /// Events of now, a nanosecond and some apart, of several entities and both IP versions.
        func events(_ count: Int, after start: UInt64 = SystemClock.wall) -> [Event] {
            (0..<count).map { number in
                let time = start + UInt64(number) * 1_000_003
                switch number % 4 {
                case 0: return .softirq(time)
                case 1: return .loss(time, version: 6)
                default: return .loss(time, pod: "web-\(number % 4)")
                }
            }
        }

        /// Nanoseconds since 1970 of a time as VictoriaLogs writes it.
        func nanoseconds(_ text: String?) throws -> UInt64 {
            let parts = try #require(text).dropLast().split(separator: ".")
            let date = try #require(ISO8601DateFormatter().date(from: parts[0] + "Z"))
            let fraction = parts.count > 1 ? parts[1] : ""
            let digits = fraction + String(repeating: "0", count: 9 - fraction.count)
            return UInt64(date.timeIntervalSince1970) * 1_000_000_000 + (try #require(UInt64(digits)))
        }

        @Test func lokiHasEveryEventAsItWasSent() throws {
            let store = try VictoriaLogs()
            let trial = try SinkTrial(
                LokiSink.self, store.lokiURL,
                ["metadata": .list(["k8s_pod", "src", "dport", "fields"]), "batchEvents": .integer(70)])
            let events = events(400)
            trial.send(events)
            #expect(trial.status.lost.isEmpty && trial.status.failures.isEmpty && trial.addsUp)
            #expect(eventually { (try? store.query("*").count) == events.count })
            let entries = try store.query("*")
            let byTime = try Dictionary(grouping: entries) { try nanoseconds($0["_time"]) }
            var encoder = EventEncoder()
            for event in events {
                let entry = try #require(byTime[event.timestamp]?.first, "no entry at \(event.timestamp)")
                #expect(byTime[event.timestamp]?.count == 1)
                #expect(entry["_msg"] == String(decoding: encoder.encode(event), as: UTF8.self))
                #expect(entry["_stream"] == #"{instance="worker",job="kubeskoop"}"#)
                #expect(entry["k8s_pod"] == (event.entity.kind == .pod ? event.entity.podName : nil))
                #expect(entry["src"] == event.tuple?.source.address.description)
                #expect(entry["dport"] == event.tuple.map { "\($0.destination.port)" })
                #expect(entry["reason"] == event[field: "reason"]?.text)
                #expect(entry["latency_ns"] == event[field: "latency_ns"]?.text)
            }
        }

        @Test func otlpHasEveryEventAsItWasSent() throws {
            let store = try VictoriaLogs()
            let trial = try SinkTrial(
                OTLPSink.self, store.otlpURL,
                ["attributes": .list(["k8s.cluster.name=east"]), "batchEvents": .integer(70)])
            let events = events(400)
            trial.send(events)
            #expect(trial.status.lost.isEmpty && trial.status.failures.isEmpty && trial.addsUp)
            #expect(eventually { (try? store.query("*").count) == events.count })
            let byTime = try Dictionary(grouping: store.query("*")) { try nanoseconds($0["_time"]) }
            for event in events {
                let entry = try #require(byTime[event.timestamp]?.first, "no entry at \(event.timestamp)")
                #expect(byTime[event.timestamp]?.count == 1)
                #expect(entry["_msg"] == (event.message.isEmpty ? event.type.help : event.message))
                #expect(entry["severity"] == "WARN" && entry["service.name"] == "skoop")
                #expect(entry["host.name"] == "worker" && entry["k8s.cluster.name"] == "east")
                #expect(entry["k8s.pod.name"] == (event.entity.kind == .pod ? event.entity.podName : nil))
                #expect(entry["k8s.namespace.name"] == (event.entity.kind == .pod ? "shop" : nil))
                #expect(entry["skoop.event.type"] == event.type.name && entry["skoop.event.count"] == "\(event.count)")
                #expect(entry["source.address"] == event.tuple?.source.address.description)
                #expect(entry["destination.port"] == event.tuple.map { "\($0.destination.port)" })
                #expect(entry["network.transport"] == event.tuple.map { _ in "udp" })
                #expect(entry["network.type"] == event.tuple.map { $0.source.address.version == .v4 ? "ipv4" : "ipv6" })
                #expect(entry["process.pid"] == event.process.map { "\($0.pid)" })
                for (field, value) in zip(event.type.fields, event.values) where value?.form != .list {
                    #expect(entry["skoop.\(field.name)"] == value?.text)
                }
            }
        }

        @Test func whatIsNoRequestIsRefused() throws {
            let store = try VictoriaLogs()
            // An address of the other protocol takes none of these.
            let trial = try SinkTrial(LokiSink.self, store.otlpURL)
            trial.send(events(8))
            #expect(trial.status.delivered == 0 && trial.status.lost.keys.contains("refused") && trial.addsUp)
            #expect(trial.status.error?.message.contains("answered 400: ") == true, "\(trial.status)")
        }

        /// It goes away and comes back, while events come all the time.
        @Test(arguments: [true, false]) func nothingIsLostWhenItIsRestarted(isLoki: Bool) throws {
            let start = SystemClock.wall
            var sent = 0
            func some() -> [Event] {
                defer { sent += 100 }
                return events(sent + 100, after: start).suffix(100)
            }
            let store = try VictoriaLogs()
            let arguments: [String: ArgumentValue] = ["batchEvents": .integer(30)]
            let trial =
                isLoki
                ? try SinkTrial(LokiSink.self, store.lokiURL, arguments)
                : try SinkTrial(OTLPSink.self, store.otlpURL, arguments)
            trial.send(some())
            store.stop()
            for _ in 0..<5 { trial.offer(some()) }
            #expect(eventually { trial.status.state == .retrying })
            try store.start()
            trial.send(some())
            #expect(trial.status.lost.isEmpty && trial.addsUp && trial.status.retries > 0)
            #expect(trial.status.state == .running && sent == 700)
            #expect(eventually { (try? store.query("* | uniq by (_time)").count) == sent })
        }
    }
#endif
