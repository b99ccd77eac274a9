// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopProbes

/// Messages that a kernel has sent, and what conntrack(8) made of them at the time.
@Suite struct ConntrackMessageTests {
    private static let clock = ConntrackClock()

    private func place() throws -> ConntrackPlace {
        ConntrackPlace(
            NamespaceID(rawValue: 7), .init(try NetlinkListener(.netfilter, groups: [], receiveBuffer: 65_536)))
    }

    private func events(_ bytes: [UInt8]) throws -> [ProbeEvent] {
        var place = try place()
        var events: [ProbeEvent] = []
        place.take(bytes.span, Self.clock) { events.append($0) }
        return events
    }

    /// The recorded messages one by one.
    private static func messages() throws -> [[UInt8]] {
        let bytes = try Fixtures.bytes("conntrack/events.bin")
        var messages: [[UInt8]] = []
        var start = 0
        while let length = bytes.span.integer(at: start, as: UInt32.self).map(Int.init), length > 0 {
            messages.append(Array(bytes[start..<start + length]))
            start += (length + 3) & ~3
        }
        return messages
    }

    @Test func everyConnectionIsToldAsTheWitnessDoes() throws {
        let events = try events(Fixtures.bytes("conntrack/events.bin")).filter { $0.string("reply_source") != nil }
        let witness = try Fixtures.text("conntrack/events.txt").split(separator: "\n")
            .compactMap { TrackedConnection(line: $0) }
        #expect(witness.count > 30)
        #expect(Set(witness.compactMap { $0["protocol"] }) == ["6", "17", "99", "1", "58"])
        let ours = events.map { TrackedConnection($0) }
        #expect(ours.count == witness.count)
        for (one, other) in zip(ours, witness) { #expect(one == other) }
        // What the witness does not tell in so many words.
        let translated = try #require(events.first { $0.tuple?.destination.port == 5300 })
        #expect(translated[field: "destination_nat"] == .flag(true) && translated[field: "source_nat"] == .flag(false))
        let masked = try #require(events.first { $0.tuple?.destination.port == 5302 })
        #expect(masked[field: "source_nat"] == .flag(true) && masked.string("reply_destination") == "127.0.0.8")
        let plain = try #require(events.first { $0.tuple?.destination.port == 80 })
        #expect(plain[field: "destination_nat"] == .flag(false) && plain[field: "source_nat"] == .flag(false))
        #expect(plain[field: "status"] == .list(["CONFIRMED", "SRC_NAT_DONE", "DST_NAT_DONE"]))
        let port = try #require(plain.tuple?.source.port)
        #expect(
            plain.message == "Proto = TCP Replied = false State = SYN_SENT Src = 127.0.0.1:\(port), Dst = 127.0.0.1:80")
        let v6 = try #require(events.first { $0.tuple?.destination.port == 5303 })
        #expect(v6.message.hasPrefix("Proto = UDP Replied = false Src = [::1]:"))
    }

    @Test func theTimesAreTheKernels() throws {
        let events = try events(Fixtures.bytes("conntrack/events.bin")).filter { $0.string("reply_source") != nil }
        let destroyed = events.filter { $0.type == ConntrackEvent.destroy.type }
        #expect(destroyed.count == 10)
        for event in destroyed {
            // The script let them live for less than ten seconds, and they ended long before now.
            let duration = try #require(event.duration("duration_ns"))
            #expect((1_000_000..<10_000_000_000).contains(duration))
            #expect(event.time < Self.clock.monotonic)
        }
        #expect(events.allSatisfy { $0.type != ConntrackEvent.new.type || $0.duration("duration_ns") == nil })
    }

    @Test func expectationsNameTheirMaster() throws {
        let events = try events(Fixtures.bytes("conntrack/events.bin")).filter { $0.string("reply_source") == nil }
        // The kernel tells twice, since the packet with the command passes the helper twice on the way through loopback.
        let witness = try Fixtures.text("conntrack/expect.txt").split(separator: "\n")
        #expect(
            events.map(\.type)
                == witness.map {
                    ($0.contains("[NEW]") ? ConntrackEvent.expectationNew : .expectationDestroy).type
                })
        #expect(!events.isEmpty)
        for (event, line) in zip(events, witness) {
            #expect(event.tuple?.destination == .init(IPAddress(v4: 0x7f00_0001), port: 51210))
            #expect(event.string("helper") == "ftp")
            let timeout = try #require(event.duration("timeout_ns")) / 1_000_000_000
            #expect(line.contains(" \(timeout) proto=6 "))
            let port = line.split(separator: " ").filter { $0.hasPrefix("sport=") }.last?.dropFirst(6) ?? ""
            #expect(event.string("master") == "TCP 127.0.0.1:\(port) 127.0.0.1:21")
        }
    }

    /// An unknown message is told of, whatever is in it.
    @Test func whatIsNotKnownIsToldOf() throws {
        var bytes = try #require(try Self.messages().first)
        bytes[4] = 0x2a
        let event = try #require(try events(bytes).first)
        #expect(event.type == ConntrackEvent.unknown.type && event.integer("message_type") == 0x12a)
        #expect(event.namespace == NamespaceID(rawValue: 7) && event.tuple == nil)
    }

    /// Every message cut off at every place: what is left is read or counted, and never beyond its end.
    @Test func whatIsCutOffIsDiscarded() throws {
        for message in try Self.messages() {
            for length in stride(from: 0, to: message.count, by: 1) {
                var cut = Array(message[..<length])
                var place = try place()
                var delivered: UInt64 = 0
                place.take(cut.span, Self.clock) { _ in delivered += 1 }
                // A message whose header says more than there is cannot be read.
                #expect(delivered == 0)
                #expect(place.tally().received == (length == 0 ? 0 : 1))
                #expect(place.tally().discarded == (length == 0 ? 0 : 1))
                guard length >= 16 else { continue }
                for (index, byte) in withUnsafeBytes(of: UInt32(length), { Array($0) }).enumerated() {
                    cut[index] = byte
                }
                place.take(cut.span, Self.clock) { _ in delivered += 1 }
                #expect(place.tally().received == place.tally().discarded + delivered)
            }
        }
    }

    @Test func damagedMessagesAreCountedToo() throws {
        var random = SeededGenerator()
        let recorded = try Fixtures.bytes("conntrack/events.bin")
        for bytes in mutations(of: recorded, count: 2000, using: &random) {
            var place = try place()
            var delivered: UInt64 = 0
            place.take(bytes.span, Self.clock) { _ in delivered += 1 }
            #expect(place.tally().received == place.tally().discarded + delivered)
        }
    }

    @Test func kindsAreChosen() {
        func kinds(_ names: [String]?) -> Set<ConntrackKind> {
            ConntrackKind.wanted(
                ProbeEnvironment(arguments: names.map { ["kinds": .list($0)] } ?? [:]))
        }
        #expect(kinds(nil) == [.new, .destroy, .expectationNew, .expectationDestroy])
        #expect(kinds(["update"]) == [.update])
        #expect(kinds(["expectation", "new"]) == [.new, .expectationNew, .expectationDestroy])
        #expect(kinds([]) == [])
    }
}
