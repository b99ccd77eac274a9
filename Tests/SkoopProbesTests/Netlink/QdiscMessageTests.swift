// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import Testing

@testable import SkoopProbes

@Suite struct QdiscMessageTests {
    private func bytes<Value: FixedWidthInteger>(_ values: Value...) -> [UInt8] {
        values.flatMap { value in
            (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * Value($0))) }
        }
    }

    private func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        bytes(UInt16(4 + payload.count), type) + payload + [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
    }

    private func qdisc(_ attributes: [UInt8], parent: UInt32 = .max) -> Qdisc? {
        let payload = bytes(UInt32(0), 3, 0x10000, parent, 2) + attribute(1, Array("htb".utf8) + [0]) + attributes
        let message = bytes(UInt32(16 + payload.count)) + bytes(UInt16(36), 2) + bytes(UInt32(1), 0) + payload
        var messages = NetlinkMessages(message.span)
        guard let message = messages.next() else { return nil }
        return Qdisc(message)
    }

    private var basic: [UInt8] { attribute(1, bytes(UInt64(1 << 40)) + bytes(UInt32(7), 0)) }
    private var queue: [UInt8] { attribute(3, bytes(UInt32(1), 2, 3, 4, 5)) }

    @Test func statisticsAreWhereTheKernelPutsThem() {
        let found = qdisc(attribute(7, basic + attribute(2, [0, 0, 0, 0]) + queue))
        #expect(found?.kind == "htb")
        #expect(found?.device == 3 && found?.handle == 0x10000 && found?.isRoot == true)
        #expect(found?.bytes == 1 << 40 && found?.packets == 7)
        #expect(found?.length == 1 && found?.backlog == 2 && found?.drops == 3)
        #expect(found?.requeues == 4 && found?.overlimits == 5)
        #expect(qdisc(attribute(7, basic + queue), parent: 0xffff_fff1)?.isRoot == false)
    }

    @Test func packetsBeyond32BitsAreTold() {
        let wide = attribute(8, bytes(UInt64(1 << 32 + 7)))
        #expect(qdisc(attribute(7, basic + wide + queue))?.packets == 1 << 32 + 7)
        #expect(qdisc(attribute(7, wide + basic + queue))?.packets == 1 << 32 + 7)
    }

    @Test func theOldFormServesWhereTheNewIsMissingOrCut() {
        let old = attribute(3, bytes(UInt64(9)) + bytes(UInt32(8), 7, 6, 0, 0, 5, 4))
        for statistics in [old, attribute(7, attribute(1, [1, 2])) + old, attribute(7, basic) + old] {
            let found = qdisc(statistics)
            #expect(found?.bytes == 9 && found?.packets == 8 && found?.drops == 7 && found?.overlimits == 6)
            #expect(found?.length == 5 && found?.backlog == 4)
        }
    }

    @Test func statisticsThatAreMissingOrCutLoseTheDiscipline() {
        #expect(qdisc([]) == nil)
        #expect(qdisc(attribute(7, queue)) == nil)
        #expect(qdisc(attribute(7, basic + attribute(3, [1, 2, 3]))) == nil)
        #expect(qdisc(attribute(3, [0, 0, 0, 0])) == nil)
    }
}
