// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Testing

struct Sum: BitwiseCopyable {
    var count: UInt64
    var total: UInt64
}

struct Request: BitwiseCopyable {
    var input: UInt64
    var output: UInt64
}

extension KernelTests {
    @Suite(.since(5, 14)) struct SyscallPrograms {
        static let sums: BPFMapName<UInt32, Sum> = "sums"
        static let squares: BPFMapName<UInt32, UInt64> = "squares"
        static let add: BPFProgramName = "add"

        @Test func runsAndIsSeenInMemoryAndThroughTheMap() throws {
            let object = try BPFObject(.syscalls).load()
            let mapping = try object.mapping(of: Self.sums)
            #expect(mapping.count == 1000)
            #expect(mapping[999].count == 0)
            for input in 1...100 as ClosedRange<UInt64> {
                var request = Request(input: input, output: 0)
                let run = try object.runSyscall(Self.add, context: &request)
                #expect(run.returnValue == 7)
                #expect(request.output == 2 * input)
            }
            #expect(mapping[999].count == 100)
            #expect(mapping.span[999].total == 5050)
            let sum = try object.map(Self.sums).value(for: 999)
            #expect(sum?.total == 5050)
            #expect(try object.map(Self.sums).value(for: 1000) == nil)
        }

        @Test func walksAHash() throws {
            let object = try BPFObject(.syscalls).load()
            let squares = try object.map(Self.squares)
            for key in 0..<50 as Range<UInt32> { try squares.set(UInt64(key * key), for: key) }
            #expect(try squares.remove(7))
            #expect(try !squares.remove(7))
            var seen: [UInt32: UInt64] = [:]
            try squares.forEach { key, value in seen[key] = value }
            #expect(seen.count == 49)
            #expect(seen.allSatisfy { UInt64($0.key * $0.key) == $0.value })
            #expect(throws: BPFError.self) { try squares.set(1, for: 5, .add) }
        }
    }
}
