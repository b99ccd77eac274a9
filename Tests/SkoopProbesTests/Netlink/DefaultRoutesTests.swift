// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import Testing

@testable import SkoopProbes

/// Route messages as in `include/uapi/linux/rtnetlink.h`.
@Suite struct DefaultRoutesTests {
    private struct Route {
        var type: UInt16 = 24  // RTM_NEWROUTE
        var family: UInt8 = 2
        var length: UInt8 = 0
        var table: UInt8 = 254
        var kind: UInt8 = 1
        var attributes: [(type: UInt16, value: [UInt8])] = []

        var bytes: [UInt8] {
            var body: [UInt8] = [family, length, 0, 0, table, 3, 0, kind, 0, 0, 0, 0]
            for (type, value) in attributes {
                let padding = (4 - value.count % 4) % 4
                body += Self.bytes(UInt16(4 + value.count)) + Self.bytes(type) + value
                body += [UInt8](repeating: 0, count: padding)
            }
            var head = Self.bytes(UInt32(16 + body.count)) + Self.bytes(type) + Self.bytes(UInt16(2))
            head += [UInt8](repeating: 0, count: 8)
            return head + body
        }

        static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            (0..<MemoryLayout<Number>.size).map { UInt8(truncatingIfNeeded: number.littleEndian >> ($0 * 8)) }
        }

        /// `RTA_OIF`.
        static func device(_ index: UInt32) -> (type: UInt16, value: [UInt8]) { (4, bytes(index)) }

        /// `RTA_MULTIPATH`, each hop with a gateway.
        static func multipath(_ indexes: UInt32..., gateway: Int = 4) -> (type: UInt16, value: [UInt8]) {
            var value: [UInt8] = []
            for index in indexes {
                value += bytes(UInt16(12 + gateway)) + [0, 0]
                value += bytes(index) + bytes(UInt16(4 + gateway)) + bytes(UInt16(5))
                value += [UInt8](repeating: 7, count: gateway)
            }
            return (9, value)
        }
    }

    private func devices(_ routes: Route...) -> Set<UInt32> {
        var found = DefaultRoutes()
        let bytes = routes.flatMap(\.bytes)
        var messages = NetlinkMessages(bytes.span)
        while let message = messages.next() { found.add(message) }
        return found.devices
    }

    @Test func everyDefaultRouteHasItsDevice() {
        #expect(devices(Route(attributes: [Route.device(2)])) == [2])
        // Several, by metric, and one of the other version.
        #expect(
            devices(
                Route(attributes: [(6, Route.bytes(UInt32(10))), Route.device(2)]),
                Route(attributes: [(6, Route.bytes(UInt32(20))), Route.device(3)]),
                Route(family: 10, attributes: [(5, [UInt8](repeating: 1, count: 16)), Route.device(900)])) == [
                    2, 3, 900,
                ])
        #expect(devices() == [])
    }

    @Test func everyHopOfAMultipathRouteHasItsDevice() {
        #expect(devices(Route(attributes: [Route.multipath(4, 5, 70_000)])) == [4, 5, 70_000])
        #expect(devices(Route(family: 10, attributes: [Route.multipath(4, 5, gateway: 16)])) == [4, 5])
        #expect(devices(Route(attributes: [Route.multipath(4), Route.device(2)])) == [4, 2])
    }

    @Test func otherRoutesDoNotCount() {
        let all = [Route.device(2)]
        #expect(devices(Route(length: 24, attributes: all)) == [], "to a network")
        #expect(devices(Route(table: 255, attributes: all)) == [], "of the table local")
        #expect(devices(Route(table: 100, attributes: all)) == [], "of a table for some only")
        #expect(devices(Route(kind: 7, attributes: all)) == [], "unreachable")
        #expect(devices(Route(type: 25, attributes: all)) == [], "deleted")
        #expect(devices(Route(attributes: [])) == [], "without a device")
    }

    /// What is cut or says that it is longer than it is has no end of its own.
    @Test func hopsThatAreCutEndTheList() {
        var (type, value) = Route.multipath(4, 5)
        #expect(devices(Route(attributes: [(type, Array(value.prefix(20)))])) == [4])
        value[0] = 4
        #expect(devices(Route(attributes: [(type, value)])) == [])
        value[0] = 0
        #expect(devices(Route(attributes: [(type, value)])) == [])
        type = 9
        value[0] = 255
        #expect(devices(Route(attributes: [(type, value)])) == [4])
    }
}
