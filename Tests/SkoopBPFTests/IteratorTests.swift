// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopBPF
import SkoopTesting
import Testing

extension KernelTests {
    @Suite struct Iterators {
        @Test func everyProcess() throws {
            let object = try BPFObject(.iterators).load()
            let iterator = try object.iterator("processes")
            let child = try TestProcess("sleep", "60")
            let expected = Set([UInt32(child.pid), UInt32(getpid())])
            for _ in 0..<2 {
                var buffer: [UInt8] = []
                var found: Set<UInt32> = []
                try iterator.run(into: &buffer) { piece in
                    #expect(piece.byteCount.isMultiple(of: 4))
                    for offset in stride(from: 0, to: piece.byteCount, by: 4) {
                        if let pid = piece.load(as: UInt32.self, at: offset) { found.insert(pid) }
                    }
                }
                #expect(found.isSuperset(of: expected))
            }
            child.kill()
        }

        @Test func everyEntryOfAMap() throws {
            let object = try BPFObject(.iterators).load()
            let map = try object.map(Maps.table)
            for key in 0..<4000 as Range<UInt32> { try map.set(UInt64(key) + 1, for: key) }
            let bytes = try object.iterator("entries", over: map).run()
            #expect(bytes.count == 4000 * 16)
            var sum: UInt64 = 0
            for offset in stride(from: 8, to: bytes.count, by: 16) {
                sum += bytes.span.bytes.load(as: UInt64.self, at: offset) ?? 0
            }
            #expect(sum == 4000 * 4001 / 2)
        }

        @Test func otherProgramsAreNoIterators() throws {
            let object = try Tracing.open("typed").load()
            let error = try #require(throws: BPFError.self) { _ = try object.iterator("typed") }
            #expect(error.code == .attach)
        }
    }
}
