// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopProbes

/// Replies of the kernel and recorded ones, damaged at random: nothing crashes, no number of devices explodes.
@Suite struct NetlinkParserFuzzTests {
    /// Keeps what a socket receives.
    private struct Recorder: ~Copyable, NetlinkTransport {
        var socket: NetlinkSocket
        var bytes: [UInt8] = []
        mutating func send(_ request: NetlinkRequest) throws(SystemError) { try socket.send(request) }
        mutating func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int {
            let length = try socket.receive(into: &buffer)
            bytes += buffer.prefix(length)
            return length
        }
    }

    private static func record(_ request: NetlinkRequest) throws -> [UInt8] {
        var recorder = Recorder(socket: try NetlinkSocket(.route))
        var (request, buffer) = (request, [UInt8](repeating: 0, count: 32 << 10))
        try recorder.perform(&request, buffer: &buffer) { _ in }
        return recorder.bytes
    }

    private static func damage(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            // Lengths and types are what matters; they are at even places near the beginning of things.
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] =
                [0, 1, 3, 4, 0x7f, 0xff, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
        }
        return bytes
    }

    @Test func routeRepliesMayBeAnything() throws {
        var random = SeededGenerator()
        let replies = try [LinkStatistics.request, Link.request, Qdisc.request, DefaultRoutes.request].map(Self.record)
        for _ in 0..<3000 {
            for reply in replies {
                let bytes = Self.damage(reply, &random)
                var counters: [UInt64] = []
                var routes = DefaultRoutes()
                var links: [Link] = []
                var messages = NetlinkMessages(bytes.span)
                while let message = messages.next() {
                    let before = counters.count
                    let index = LinkStatistics.read(message, into: &counters)
                    #expect(counters.count - before == (index == nil ? 0 : LinkStatistics.width))
                    if let link = Link(message) { links.append(link) }
                    _ = Qdisc(message)
                    routes.add(message)
                }
                _ = LinkSelection.counted(of: links, isNode: Bool.random(using: &random)) { routes.devices }
                #expect(links.count * 32 <= bytes.count)
            }
        }
    }

    @Test func conntrackRepliesMayBeAnything() {
        var random = SeededGenerator()
        // A message of nine attributes as the kernel writes it, twice, and its end.
        var reply: [UInt8] = []
        for _ in 0..<2 {
            reply += [92, 0, 0, 0, 4, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            for type in [2, 4, 8, 9, 10, 11, 12, 13, 14] as [UInt8] { reply += [8, 0, type, 0, 0, 0, 1, type] }
        }
        for _ in 0..<20_000 {
            let bytes = Self.damage(reply, &random)
            var reading = ConntrackReading()
            var messages = NetlinkMessages(bytes.span)
            while let message = messages.next() {
                reading.add(perCPU: message)
                reading.add(global: message)
            }
            #expect(reading.counters.count <= 2 * ConntrackCounter.allCases.count)
        }
    }

    @Test func rdmaRepliesMayBeAnything() throws {
        var random = SeededGenerator()
        let recorded = try Dictionary(
            uniqueKeysWithValues: ["get": 1, "res_get": 9, "stat_get": 17].map { name, command in
                (UInt16(command), try Fixtures.bytes("rdma/rxe/netlink/\(name).bin"))
            })
        for _ in 0..<150 {
            let replies = recorded.mapValues { Self.damage($0, &random) }
            var transport = ReplayTransport { request in
                replies[(request.bytes.span.integer(at: 4, as: UInt16.self) ?? 0) & 0x3ff]
            }
            var requests = RDMARequests()
            guard let reply = try? requests.read(&transport) else { continue }
            #expect(reply.devices.count <= 2)
            _ = RDMAProbe.families(reply.devices)
        }
    }
}
