// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import Foundation
    import SkoopEvents
    import SkoopModel
    import SkoopProbes
    import SkoopSinks
    import SkoopTesting
    import Testing

    /// What becomes of events when the receiver is slow, down, overloaded or refuses them.
    @Suite struct BadDayTests {
        let events = (1...10).map { Event.loss(UInt64($0)) }

        @Test func whatWorksIsQuiet() throws {
            let receiver = try Receiver()
            let trial = try SinkTrial(LokiSink.self, receiver.url, ["tenant": .string("shop")])
            trial.send(events)
            trial.send(events)
            let status = trial.status
            #expect(status.delivered == 60 && status.lost.isEmpty && status.retries == 0 && status.error == nil)
            #expect(status.target == "\(receiver.url)/loki/api/v1/push" && trial.lines.isEmpty)
            let requests = receiver.requests
            #expect(requests.flatMap(\.timestamps) == (0..<2).flatMap { _ in (1...10).map { "\($0)" } })
            for request in requests {
                #expect(request.path == "/loki/api/v1/push" && request.connection == 0)
                #expect(request.headers["content-type"] == "application/json")
                #expect(request.headers["content-encoding"] == "gzip" && request.headers["x-scope-orgid"] == "shop")
                #expect(request.headers["host"] == "127.0.0.1:\(receiver.port)")
                #expect(request.headers["authorization"] == nil)
            }
        }

        @Test(arguments: [429, 500, 502, 503]) func whatMayPassIsRepeated(status: Int) throws {
            let receiver = try Receiver([["status": status, "body": "not now\n"], ["status": status], [:]])
            let trial = try SinkTrial(LokiSink.self, receiver.url)
            trial.send(events)
            #expect(trial.status.delivered == 30 && trial.status.lost.isEmpty && trial.status.retries == 2)
            let reason = [429, 503].contains(status) ? "overloaded" : "failed"
            #expect(trial.status.failures == [reason: 2] && trial.status.state == .running)
            #expect(
                trial.lines == [
                    "sink loki: \(reason): \(receiver.url)/loki/api/v1/push answered \(status): not now; events wait",
                    "sink loki takes events again; 0 were lost until now",
                ])
            // Each is there once.
            #expect(receiver.requests.last?.timestamps == (1...10).map { "\($0)" })
            #expect(receiver.requests.count == 3)
        }

        @Test func theReceiverSaysHowLongToWait() throws {
            let receiver = try Receiver([["status": 429, "headers": ["Retry-After": "2"]], [:]])
            let trial = try SinkTrial(LokiSink.self, receiver.url)
            trial.send(events)
            let times = receiver.requests.map(\.time)
            #expect(times.count == 2 && times[1] - times[0] >= 1.9)
            #expect(trial.status.delivered == 30)
        }

        @Test(arguments: [400, 404, 422, 301]) func whatIsFinalIsLostAndCounted(status: Int) throws {
            let receiver = try Receiver([["status": status, "body": "no"], [:]])
            let trial = try SinkTrial(LokiSink.self, receiver.url)
            trial.send(events)
            #expect(trial.status.lost == ["refused": 30] && trial.status.delivered == 0)
            #expect(trial.status.error?.reason == .refused && trial.status.retries == 0 && trial.addsUp)
            #expect(trial.lines.count == 1 && trial.lines[0].hasSuffix("; 10 events are lost"))
            trial.send(events)
            #expect(trial.status.delivered == 30 && trial.status.state == .running && trial.status.error == nil)
        }

        @Test func whoIsNotLetInTriesAgainWithWhatIsInTheFileThen() throws {
            let receiver = try Receiver([["status": 401, "body": "hunter2 is wrong"], ["status": 403], [:]])
            let directory = try TemporaryDirectory()
            try directory.write("hunter2\n", to: "password")
            let trial = try SinkTrial(
                LokiSink.self, receiver.url,
                ["username": .string("me"), "passwordFile": .string(directory.path + "/password")],
                pause: .seconds(1))
            trial.offer(events)
            #expect(eventually { trial.status.error?.reason == .unauthorized })
            try directory.write("better\n", to: "password")
            #expect(eventually { trial.status.delivered == 30 })
            func credentials(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }
            let sent = receiver.requests.map { $0.headers["authorization"] }
            #expect(sent.first == credentials("me:hunter2") && sent.last == credentials("me:better"))
            // What the server says of the password is not repeated.
            #expect(trial.lines.first?.hasSuffix("answered 401; events wait") == true, "\(trial.lines)")
        }

        @Test func tokensAndFieldsAreSent() throws {
            let receiver = try Receiver()
            let trial = try SinkTrial(
                OTLPSink.self, receiver.url + "/custom/path?x=y",
                ["bearerToken": .string("abc.def"), "headers": .list(["X-Key: v"]), "gzip": .bool(false)])
            trial.send(events)
            let request = try #require(receiver.requests.first)
            #expect(request.path == "/custom/path?x=y" && request.headers["authorization"] == "Bearer abc.def")
            #expect(request.headers["x-key"] == "v" && request.headers["content-encoding"] == nil)
            #expect(request.headers["content-type"] == "application/x-protobuf" && request.otlp != nil)
        }

        @Test func aLargeRequestIsSentInParts() throws {
            let receiver = try Receiver([["status": 413], ["status": 413], [:]])
            let trial = try SinkTrial(LokiSink.self, receiver.url)
            trial.send(events)
            #expect(trial.status.delivered == 30 && trial.status.retries == 0 && trial.lines.isEmpty)
            let sent = receiver.requests.map(\.timestamps)
            #expect(sent[..<3].map(\.count) == [10, 5, 2])
            #expect(sent[2...].flatMap { $0 } == (1...10).map { "\($0)" })
            // Of one that is too large by itself only that one is lost.
            let other = try Receiver([["status": 413], [:]])
            let single = try SinkTrial(LokiSink.self, other.url, ["batchEvents": .integer(1)])
            single.send(events)
            #expect(single.status.lost == ["refused": 3] && single.status.delivered == 27)
        }

        @Test func batchesHaveABoundInBytes() throws {
            let receiver = try Receiver()
            let trial = try SinkTrial(LokiSink.self, receiver.url, ["batchBytes": .integer(4096)])
            trial.send(events)
            let requests = receiver.requests
            #expect(requests.count > 2 && requests.allSatisfy { $0.body.count < 4096 + 512 })
            #expect(requests.flatMap(\.timestamps) == (1...10).map { "\($0)" } && trial.status.retries == 0)
        }

        @Test func aSlowReceiverIsNotWaitedForForEver() throws {
            let receiver = try Receiver([["wait": 600], [:]])
            let trial = try SinkTrial(LokiSink.self, receiver.url, ["timeout": .duration(.milliseconds(300))])
            trial.send(events)
            #expect(trial.status.failures == ["timeout": 1] && trial.status.delivered == 30)
            #expect(
                trial.lines.first?.contains("timeout: \(receiver.url)/loki/api/v1/push: it did not answer in time")
                    == true)
            // The answer to the first would come on a connection that nobody listens to.
            #expect(receiver.requests.map(\.connection) == [0, 1])
        }

        @Test(arguments: ["close", "half"]) func aConnectionThatBreaksIsMadeAnew(how: String) throws {
            let receiver = try Receiver([[:], [how: true, "body": "x", "status": 200], [:]])
            let trial = try SinkTrial(LokiSink.self, receiver.url)
            trial.send(events)
            trial.send(events)
            #expect(trial.status.delivered == 60 && trial.status.failures == ["unreachable": 1] && trial.addsUp)
            #expect(receiver.requests.map(\.connection) == [0, 0, 1])
        }

        @Test func aServerThatEndsConnectionsIsNoTrouble() throws {
            let receiver = try Receiver([["headers": ["Connection": "close"]]])
            let trial = try SinkTrial(LokiSink.self, receiver.url)
            for _ in 0..<5 { trial.send(events) }
            #expect(trial.status.delivered == 150 && trial.status.failures.isEmpty)
            #expect(receiver.requests.map(\.connection) == [0, 1, 2, 3, 4])
        }

        @Test func whoIsDownIsTriedUntilBack() throws {
            // Learns a port and goes away.
            let port = try Receiver().port
            let trial = try SinkTrial(LokiSink.self, "http://localhost:\(port)")
            trial.offer(events)
            #expect(eventually { trial.status.retries > 2 })
            let status = trial.status
            #expect(status.state == .retrying && status.error?.reason == .unreachable && status.queued == 30)
            #expect(status.error?.message.contains("connection refused") == true, "\(status)")
            #expect(trial.lines.count == 1 && trial.lines[0].hasSuffix("; events wait"), "\(trial.lines)")
            let receiver = try Receiver(port: port)
            #expect(eventually { trial.status.queued == 0 })
            #expect(trial.status.delivered == 30 && trial.status.lost.isEmpty && trial.status.state == .running)
            #expect(receiver.requests.flatMap(\.timestamps) == (1...10).map { "\($0)" })
        }

        @Test func aNameThatNobodyKnowsIsSaid() throws {
            let trial = try SinkTrial(LokiSink.self, "http://no-such-host.invalid:1")
            trial.offer(events)
            #expect(eventually { trial.status.error != nil })
            #expect(trial.status.error?.reason == .unreachable)
            #expect(trial.status.error?.message.contains("no address of 'no-such-host.invalid' can be found") == true)
        }

        @Test func whatDoesNotSpeakHTTPIsSaid() throws {
            let receiver = try Receiver(tls: nil)
            let trial = try SinkTrial(LokiSink.self, "https://127.0.0.1:\(receiver.port)")
            trial.offer(events)
            #expect(eventually { trial.status.error != nil })
            #expect(trial.status.error?.reason == .unreachable, "\(trial.status)")
        }

        /// Down for long: the spool is bounded, the oldest are lost, and all of it is counted.
        @Test func theSpoolIsBounded() throws {
            let port = try Receiver().port
            let trial = try SinkTrial(
                LokiSink.self, "http://127.0.0.1:\(port)", ["spool": .integer(1), "batchEvents": .integer(10)])
            for round in UInt64(0)..<50 {
                trial.offer((UInt64(1)...100).map { .loss(round * 100 + $0) })
            }
            let lost = try #require(trial.status.lost["spool-full"])
            #expect(lost > 0 && trial.addsUp && trial.status.offered == 15_000)
            let receiver = try Receiver(port: port)
            #expect(eventually { trial.status.queued == 0 })
            #expect(trial.addsUp && trial.status.delivered + trial.status.lost.values.reduce(0, +) == 15_000)
            let numbers = receiver.requests.flatMap(\.timestamps).compactMap { UInt64($0) }
            #expect(UInt64(numbers.count) * 3 == trial.status.delivered)
            // The newest are there without a gap.
            let newest = numbers.suffix(500)
            #expect(Array(newest) == Array(4501...5000))
        }

        @Test func aPartOfTheEventsMayBeRefused() throws {
            let receiver = try Receiver([["status": 200, "partial": [3, "too old"]], ["status": 200]])
            let trial = try SinkTrial(OTLPSink.self, receiver.url)
            trial.send(events)
            #expect(trial.status.delivered == 21 && trial.status.lost == ["refused": 9] && trial.addsUp)
            #expect(
                trial.lines == [
                    "sink otlp: refused: the receiver did not want 3 of 10 events: too old; 3 events are lost"
                ])
            #expect(receiver.requests.count == 1)
        }

        /// Other than Loki's, a 500 of OTLP is final.
        @Test(arguments: [(500, 0), (503, 1), (502, 1), (429, 1), (400, 0)])
        func otlpSaysWhatIsRepeated(status: Int, retries: UInt64) throws {
            let receiver = try Receiver([["status": status], ["status": 200]])
            let trial = try SinkTrial(OTLPSink.self, receiver.url)
            trial.send(events)
            #expect(trial.status.retries == retries && trial.status.delivered == (retries > 0 ? 30 : 0))
            #expect(trial.addsUp && trial.status.failures.count == 1)
        }
    }
#endif
