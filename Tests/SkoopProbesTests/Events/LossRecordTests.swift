// SPDX-License-Identifier: Apache-2.0
import SkoopBPFHeaders
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopProbes

/// What the probes of losses make of records, whatever is in them.
@Suite struct LossRecordTests {
    private let functions = KernelFunctions(path: "/nonexistent")

    /// A head with both ends, IPv4 or IPv6.
    private func head(kind: UInt32, family: Int32) -> skoop_event {
        var head = skoop_event()
        head.time = 5
        head.netns = 4_026_532_999
        head.kind = kind
        head.tuple.family = UInt8(family)
        head.tuple.protocol = 6
        head.tuple.source_port = 40000
        head.tuple.destination_port = 443
        withUnsafeMutableBytes(of: &head.tuple.source) { $0.copyBytes(from: [10, 0, 0, 1]) }
        withUnsafeMutableBytes(of: &head.tuple.destination) { $0.copyBytes(from: [10, 0, 0, 2]) }
        return head
    }

    private func bytes<Record: BitwiseCopyable>(_ record: Record, stack: [UInt64] = []) -> [UInt8] {
        withUnsafeBytes(of: record) { Array($0) } + stack.flatMap { word in withUnsafeBytes(of: word) { Array($0) } }
    }

    @Test func packetLoss() throws {
        let record = skoop_packetloss_event(
            event: head(kind: 0, family: 2), location: 0xffff_ffff_8100_0010, reason: 12, reserved: 0)
        let reasons = DropReasons(try recordedEnumerators(of: "6.18"))
        let bytes = self.bytes(record, stack: [0xffff_ffff_8100_0010, 0x20, 0, 0])
        let found = PacketlossProbe.event(bytes.span.bytes, reasons, functions)
        let event = try #require(found)
        #expect(event.namespace.rawValue == 4_026_532_999)
        #expect(event.time == 5)
        #expect(
            event.values == [.string("NETFILTER_DROP"), nil, .list(["0xffffffff81000010", "0x20"])])
        #expect(
            event.message == """
                protocol=TCP saddr=10.0.0.1 sport=40000 daddr=10.0.0.2 dport=443 reason:NETFILTER_DROP \

                0xffffffff81000010
                0x20
                """)
        let without = PacketlossProbe.event(bytes.span.bytes, DropReasons([:]), functions)
        #expect(without?.values.first == .some(nil))
    }

    @Test func reset() throws {
        let record = skoop_tcpreset_event(event: head(kind: 2, family: 10), reason: 8, state: 1)
        let reasons = ResetReasons(try recordedEnumerators(of: "6.18")[ResetReasons.enumeration])
        let found = TCPResetProbe.event(bytes(record).span.bytes, reasons, functions)
        let event = try #require(found)
        #expect(event.type == TCPResetEvent.active.type)
        #expect(event.tuple?.source.address.description == "a00:1::")
        #expect(event.values == [.string("TCP_ESTABLISHED"), nil, .string("TCP_ABORT_ON_DATA")])
        #expect(
            event.message
                == "protocol=TCP saddr=a00:1:: sport=40000 daddr=a00:2:: dport=443  state:TCP_ESTABLISHED "
                + " reason:TCP_ABORT_ON_DATA ")
        // Of a kind that is none, there is no event.
        let other = skoop_tcpreset_event(event: head(kind: 4, family: 2), reason: 0, state: 0)
        let none = TCPResetProbe.event(bytes(other).span.bytes, reasons, functions)
        #expect(none == nil)
    }

    @Test func retransmission() throws {
        let record = skoop_tcpretrans_event(
            event: head(kind: 3, family: 2), segments: 2, bytes: 2000, rtt: 1500, window: 10, attempts: 1, state: 4,
            congestion: 4, reserved: (0, 0))
        let found = TCPRetransProbe.event(bytes(record).span.bytes, functions)
        let event = try #require(found)
        #expect(
            event.values == [
                .string("timeout"), .integer(2), .integer(2000), .duration(1_500_000), .integer(10), .string("loss"),
                .integer(1), .string("TCP_FIN_WAIT1"), nil,
            ])
        #expect(event.values.count == event.type.fields.count)
        for (value, field) in zip(event.values, event.type.fields) {
            if let value { #expect(value.form == field.form, "\(field.name)") }
        }
    }

    @Test func damagedRecordsNeverTrap() throws {
        var random = SeededGenerator()
        let reasons = (
            DropReasons(try recordedEnumerators(of: "7.3")),
            ResetReasons(try recordedEnumerators(of: "7.3")[ResetReasons.enumeration])
        )
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let events = [
                PacketlossProbe.event(bytes.span.bytes, reasons.0, functions),
                TCPResetProbe.event(bytes.span.bytes, reasons.1, functions),
                TCPRetransProbe.event(bytes.span.bytes, functions),
            ]
            let sizes = [
                MemoryLayout<skoop_packetloss_event>.size, MemoryLayout<skoop_tcpreset_event>.size,
                MemoryLayout<skoop_tcpretrans_event>.size,
            ]
            for (event, size) in zip(events, sizes) where bytes.count < size { #expect(event == nil) }
        }
    }
}
