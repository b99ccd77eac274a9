// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc
import SkoopBPF
import Testing

extension KernelTests {
    @Suite struct RingBuffers {
        @Test func recordsInOrderAndNoneTwice() throws {
            let object = try Tracing.open("typed").load()
            var ring = try object.ringBuffer(Tracing.calls)
            #expect(try !ring.wait(upTo: .zero))
            let link = try object.attach("typed", to: .btfTracepoint("sys_enter"))
            Tracing.callParent(100)
            #expect(try ring.wait(upTo: .seconds(10)))
            var records: [CallRecord] = []
            var sizes: Set<Int> = []
            let count = try ring.drain { record in
                sizes.insert(record.byteCount)
                if let call = record.load(as: CallRecord.self) { records.append(call) }
            }
            #expect(count == 100)
            #expect(sizes == [16])
            #expect(records.map(\.number) == Array(1...100))
            #expect(records.allSatisfy { $0.thread == UInt32(gettid()) })
            #expect(try ring.drain { _ in } == 0)
            #expect(try !ring.wait(upTo: .zero))
            try link.detach()
        }

        @Test func aFullRingDropsAndGoesOn() throws {
            let object = try Tracing.open("typed").load()
            var ring = try object.ringBuffer(Tracing.calls)
            let link = try object.attach("typed", to: .btfTracepoint("sys_enter"))
            Tracing.callParent(1000)
            // 4096 bytes hold records of 16 bytes with 8 of header: 170.
            #expect(try ring.drain { _ in } == 170)
            #expect(try object.global(Tracing.seen) == 1000)
            Tracing.callParent(1)
            var last: UInt64 = 0
            try ring.drain { record in last = record.load(as: CallRecord.self)?.number ?? 0 }
            #expect(last == 1001)
            try link.detach()
        }

        @Test func aTurnEndsAtItsLimitAndTheNextGoesOn() throws {
            let object = try Tracing.open("typed").load()
            var ring = try object.ringBuffer(Tracing.calls)
            let link = try object.attach("typed", to: .btfTracepoint("sys_enter"))
            Tracing.callParent(100)
            var numbers: [UInt64] = []
            func note(_ record: RawSpan) {
                if let call = record.load(as: CallRecord.self) { numbers.append(UInt64(call.number)) }
            }
            #expect(try ring.drain(atMost: 7, note) == 7)
            #expect(numbers == Array(1...7))
            #expect(try ring.drain(atMost: 93, note) == 93)
            #expect(try ring.drain(atMost: 5, note) == 0)
            #expect(try ring.drain(atMost: 0, note) == 0)
            #expect(numbers == Array(1...100))
            try link.detach()
        }

        @Test func aLargerRingHoldsMore() throws {
            var opened = try Tracing.open("typed")
            try opened.resize(Tracing.calls, bytes: 1 << 16)
            let object = try opened.load()
            var ring = try object.ringBuffer(Tracing.calls)
            let link = try object.attach("typed", to: .btfTracepoint("sys_enter"))
            Tracing.callParent(1000)
            #expect(try ring.drain { _ in } == 1000)
            try link.detach()
        }
    }
}
