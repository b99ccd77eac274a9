// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct NetlinkBytesTests {
    @Test func aRequestIsLaidOutAsTheKernelReadsIt() {
        var request = NetlinkRequest("RTM_GETLINK", type: 18, isDump: true)
        request.append(UInt8(7))
        request.append(UInt8(0))
        request.append(UInt16(0x0102))
        request.append(attribute: 29, UInt16(9))
        #expect(
            request.bytes == [
                28, 0, 0, 0, 18, 0, 0x01, 0x03, 0, 0, 0, 0, 0, 0, 0, 0,
                7, 0, 2, 1,
                6, 0, 29, 0, 9, 0, 0, 0,
            ])
        #expect(NetlinkRequest("one", type: 1, isDump: false).bytes[6...7] == [1, 0])
    }

    @Test func messagesAndAttributesAreFoundAtTheirAlignedPlaces() throws {
        var bytes = message(
            type: 20, payload: [1, 2, 3, 4] + attribute(5, [9]) + attribute(0x8006, attribute(7, [1, 2])))
        bytes += message(type: 21, payload: [])
        var messages = NetlinkMessages(bytes.span)
        // What cannot escape cannot go through `#require`.
        guard let first = messages.next(), var attributes = first.attributes(after: 4), let one = attributes.next(),
            let two = attributes.next()
        else {
            Issue.record("a message or an attribute is missing")
            return
        }
        let (type, sequence) = (first.type, first.sequence)
        #expect(type == 20 && sequence == 77)
        let flat = (one.type, one.payload.array)
        #expect(flat == (5, [9]))
        let inner = two.nested.first(7)?.payload.integer(as: UInt16.self)
        #expect(two.type == 6 && inner == 0x0201)
        let end = attributes.next() == nil && !attributes.isMalformed
        #expect(end)
        let second = messages.next()?.type
        #expect(second == 21)
        let last = messages.next() == nil && !messages.isMalformed
        #expect(last)
    }

    @Test func integersAreReadWhereTheyFitOnly() {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        func eight(at offset: Int) -> UInt64? { bytes.span.integer(at: offset) }
        func one(at offset: Int) -> UInt8? { bytes.span.integer(at: offset) }
        #expect(eight(at: 1) == 0x0908_0706_0504_0302)
        #expect(eight(at: 2) == nil)
        #expect(one(at: -1) == nil)
        #expect(one(at: .max) == nil)
        #expect(one(at: 8) == 9)
    }

    @Test(
        arguments: [
            [], [1], [15, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [17, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [255, 255, 255, 255, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func aCutMessageEndsTheDatagram(bytes: [UInt8]) {
        var messages = NetlinkMessages(bytes.span)
        let isEmpty = messages.next() == nil
        let isMalformed = messages.isMalformed
        let staysEmpty = messages.next() == nil
        #expect(isEmpty && staysEmpty)
        #expect(isMalformed == !bytes.isEmpty)
    }

    @Test(arguments: [[3, 0, 1, 0], [9, 0, 1, 0, 1, 2, 3, 4], [0, 0, 0, 0], [5]] as [[UInt8]])
    func aCutAttributeEndsTheList(bytes: [UInt8]) {
        var attributes = NetlinkAttributes(bytes.span)
        let isEmpty = attributes.next() == nil
        let isMalformed = attributes.isMalformed
        #expect(isEmpty && isMalformed)
    }

    /// Random bytes, and good messages with random damage: nothing traps, and every walk ends.
    @Test func noBytesCrashTheParsers() {
        var random = SeededGenerator()
        for _ in 0..<20_000 {
            var bytes: [UInt8]
            if Bool.random(using: &random) {
                bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            } else {
                bytes = message(
                    type: 20, payload: [0, 0, 0, 0] + attribute(1, attribute(2, [1, 2, 3]) + attribute(3, [])))
                bytes += message(type: 2, payload: [0xea, 0xff, 0xff, 0xff])
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            }
            var found = 0
            var messages = NetlinkMessages(bytes.span)
            while let message = messages.next() {
                found += 1
                guard var attributes = message.attributes(after: 4) else { continue }
                while let attribute = attributes.next() {
                    found += 1
                    var nested = attribute.nested
                    while nested.next() != nil { found += 1 }
                }
            }
            #expect(found <= bytes.count)
        }
    }
}
