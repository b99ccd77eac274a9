// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Synchronization
import Testing

extension KernelTests {
    /// The handler belongs to the process, so these run with what else loads programs.
    @Suite struct Log {
        @Test func everyStepIsTold() throws {
            let messages = Mutex<[String]>([])
            BPFLog.setHandler(upTo: .debug) { level, message in
                if level == .debug { messages.withLock { $0.append(message) } }
            }
            defer { BPFLog.setHandler(nil) }
            _ = try BPFObject(.syscalls)
            #expect(messages.withLock { $0.contains { $0.contains("loading object 'syscalls'") } })
            BPFLog.setHandler(nil)
            let count = messages.withLock { $0.count }
            _ = try BPFObject(.packets)
            #expect(messages.withLock { $0.count } == count)
        }

        @Test func typesFromAFileReplaceTheKernels() throws {
            let object = try BPFObject(.iterators, kernelBTF: KernelBTF.systemPath).load()
            #expect(try !object.iterator("processes").run().isEmpty)
            let error = try #require(throws: BPFError.self) {
                let object = try BPFObject(.iterators, kernelBTF: "/no/such/btf")
                _ = try object.load().name
            }
            #expect(error.code == .load)
        }
    }
}
