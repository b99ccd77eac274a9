// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SkoopBPF
import SkoopTesting
import Testing

extension KernelTests {
    @Suite struct Maps {
        static let table: BPFMapName<UInt32, UInt64> = "table"

        @Test func perCPUArrayAddsUp() throws {
            let object = try Tracing.open("typed").load()
            let link = try object.attach("typed", to: .btfTracepoint("sys_enter"))
            Tracing.callParent(50)
            try link.detach()
            let map = try object.map(Tracing.perCPU)
            let values = try #require(try map.values(for: 0))
            #expect(values.count == sysconf(CInt(_SC_NPROCESSORS_CONF)))
            #expect(values.reduce(0, +) == 50)
            #expect(try map.sum(for: 0) == 50)
            #expect(try map.sum(for: 1) == 0)
            #expect(try map.values(for: 4) == nil)
            var keys: [UInt32] = []
            try map.forEach { key, _ in keys.append(key) }
            #expect(keys == [0, 1, 2, 3])
        }

        @Test func perCPUHash() throws {
            let object = try Tracing.open("typed").load()
            let map = try object.map(Tracing.perCPUByCall)
            #expect(try map.sum(for: 7) == nil)
            try map.setAll(3, for: 7)
            let cpus = UInt64(sysconf(CInt(_SC_NPROCESSORS_CONF)))
            #expect(try map.sum(for: 7) == 3 * cpus)
            #expect(try map.remove(7))
            #expect(try !map.remove(7))
        }

        @Test func anLRUMapForgetsInsteadOfFailing() throws {
            let object = try Tracing.open("typed").load()
            let map = try object.map(Tracing.recent)
            for key in 0..<1000 as Range<UInt32> { try map.set(UInt64(key), for: key) }
            var count = 0
            try map.forEach { key, value in
                #expect(UInt64(key) == value)
                count += 1
            }
            #expect(count > 0 && count <= 16)
        }

        @Test func batchesAndSingleStepsSeeTheSame() throws {
            let object = try loadedTable(entries: 3000)
            let map = try object.map(Self.table)
            var batch: [UInt32: UInt64] = [:]
            try map.forEach { key, value in batch[key] = value }
            var single: [UInt32: UInt64] = [:]
            try map.forEachKey { key throws(BPFError) in single[key] = try map.value(for: key) }
            #expect(batch.count == 3000)
            #expect(batch == single)
        }

        @Test func takingAllEmptiesAHash() throws {
            let object = try loadedTable(entries: 3000)
            let map = try object.map(Self.table)
            var taken: [UInt32: UInt64] = [:]
            try map.takeAll { key, value in
                #expect(taken[key] == nil)
                taken[key] = value
            }
            #expect(taken.count == 3000)
            #expect(taken.allSatisfy { $0.value == UInt64($0.key) * 10 })
            try map.forEach { key, _ in Issue.record("\(key) is left") }
        }

        @Test func aHandleOutlivesTheObject() throws {
            let handle = try handleOfTable()
            #expect(try handle.value(for: 3) == 30)
            try handle.set(31, for: 3, .replace)
            #expect(try handle.value(for: 3) == 31)
            #expect(handle.info.maxEntries == 4096)
        }

        @Test func pinnedMapsAreFoundAgain() throws {
            let path = "/sys/fs/bpf/skoop-test-\(getpid())-map"
            let handle = try handleOfTable()
            try handle.pin(at: path)
            defer { unlink(path) }
            let again = try BPFMapHandle(pinnedAt: path, as: Self.table)
            #expect(try again.value(for: 9) == 90)
            #expect(throws: BPFError.self) {
                _ = try BPFMapHandle(pinnedAt: path, as: BPFMapName<UInt64, UInt64>("table"))
            }
            #expect(throws: BPFError.self) { _ = try BPFMapHandle(pinnedAt: path + "-none", as: Self.table) }
        }

        @Test func errorsNameMapAndCause() throws {
            let object = try loadedTable(entries: 1)
            let missing = try #require(throws: BPFError.self) {
                _ = try object.map("nothing" as BPFMapName<UInt32, UInt64>)
            }
            #expect(missing.code == .name)
            #expect(missing.message == "no map 'nothing', there are: table")
            let type = try #require(throws: BPFError.self) { _ = try object.map("table" as BPFMapName<UInt64, UInt64>) }
            #expect(type.description == "table: a key has 4 bytes, UInt64 has 8")
            let kind = try #require(throws: BPFError.self) {
                _ = try object.map("table" as BPFPerCPUMapName<UInt32, UInt64>)
            }
            #expect(kind.description == "table: has no value per CPU, allowed: BPFMapName")
            let exists = try #require(throws: BPFError.self) { try object.map(Self.table).set(1, for: 0, .add) }
            #expect(exists.errno == EEXIST)
            let mapping = try #require(throws: BPFError.self) { _ = try object.mapping(of: Self.table) }
            #expect(mapping.code == .type)
        }

        private func loadedTable(entries: UInt32) throws -> LoadedBPFObject {
            let object = try BPFObject(.iterators).load()
            for key in 0..<entries { try object.map(Self.table).set(UInt64(key) * 10, for: key, .add) }
            return object
        }

        private func handleOfTable() throws -> BPFMapHandle<UInt32, UInt64> {
            try loadedTable(entries: 10).mapHandle(Self.table)
        }
    }
}
