// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Foundation
import Glibc
import SkoopBPF
import SkoopTesting
import Testing

struct CallRecord: BitwiseCopyable {
    var thread: UInt32
    var cpu: UInt32
    var number: UInt64
}

/// `tracing.bpf.c`, told to record the system call getppid of the calling thread.
enum Tracing {
    static let programs: [BPFProgramName] = [
        "typed", "raw", "stable", "in_library", "by_probe", "by_return", "by_entry", "by_exit", "on_clock",
    ]
    static let calls: BPFRingBufferName = "calls"
    static let perCPU: BPFPerCPUMapName<UInt32, UInt32> = "per_cpu"
    static let perCPUByCall: BPFPerCPUMapName<UInt32, UInt64> = "per_cpu_by_call"
    static let recent: BPFMapName<UInt32, UInt64> = "recent"
    static let wantedThread: BPFGlobalName<UInt32> = "wanted_thread"
    static let wantedCall: BPFGlobalName<Int64> = "wanted_call"
    static let seen: BPFGlobalName<UInt64> = "seen"

    /// `__NR_getppid`.
    #if arch(arm64)
        static let getppidNumber: Int64 = 173
        static let getppidFunction = "__arm64_sys_getppid"
    #else
        static let getppidNumber: Int64 = 110
        static let getppidFunction = "__x64_sys_getppid"
    #endif

    /// Opened with only these programs.
    static func open(_ wanted: BPFProgramName...) throws -> BPFObject {
        var object = try BPFObject(.tracing)
        for program in programs where !wanted.contains(program) { try object.disable(program) }
        try object.setGlobal(wantedThread, to: UInt32(gettid()))
        try object.setGlobal(wantedCall, to: getppidNumber)
        return object
    }

    static func callParent(_ count: Int) { for _ in 0..<count { _ = getppid() } }
}

extension KernelTests {
    @Suite struct TracingHooks {
        private func check(_ program: BPFProgramName, at hook: Hook) throws {
            let object = try Tracing.open(program).load()
            #expect(hook.hindrance == nil)
            Tracing.callParent(3)
            let link = try object.attach(program, to: hook)
            Tracing.callParent(10)
            try link.detach()
            Tracing.callParent(3)
            #expect(try object.global(Tracing.seen) == 10)
        }

        @Test func typedTracepoint() throws { try check("typed", at: .btfTracepoint("sys_enter")) }

        @Test func rawTracepoint() throws { try check("raw", at: .rawTracepoint("sys_enter")) }

        static let onFunctions = [
            BPFAttachment("by_probe", to: .kprobe(Tracing.getppidFunction)),
            BPFAttachment("by_return", to: .kretprobe(Tracing.getppidFunction)),
            BPFAttachment("by_entry", to: .fentry(Tracing.getppidFunction)),
            BPFAttachment("by_exit", to: .fexit(Tracing.getppidFunction)),
        ]

        /// Which of them a kernel offers stands in `Documentation/kernels.md`.
        @Test(arguments: onFunctions) func kernelFunction(_ attachment: BPFAttachment) throws {
            if let hindrance = attachment.hook.hindrance { try Test.cancel("\(attachment.hook): \(hindrance)") }
            try check(attachment.program, at: attachment.hook)
        }

        @Test func clock() throws {
            let event = try #require(clockEvent())
            defer { close(event) }
            var opened = try Tracing.open("on_clock")
            // What runs when the clock ticks is this thread, so it needs no other sign.
            try opened.setGlobal(Tracing.wantedThread, to: UInt32(gettid()))
            let object = try opened.load()
            let hook = Hook.perfEvent(fileDescriptor: event)
            #expect(hook.hindrance == nil)
            let link = try object.attach("on_clock", to: hook)
            #expect(
                eventually {
                    for _ in 0..<1000 { Tracing.callParent(1) }
                    return (try? object.global(Tracing.seen)).map { $0 > 3 } == true
                })
            try link.detach()
        }

        /// A `PERF_COUNT_SW_TASK_CLOCK` of the calling thread that ticks each millisecond.
        private func clockEvent() -> Int32? {
            typealias PerfEventOpen = @convention(c) (Int, UnsafeRawPointer, Int, Int, Int, Int) -> Int
            #if arch(arm64)
                let number = 241
            #else
                let number = 298
            #endif
            guard let address = dlsym(nil, "syscall") else { return nil }
            // struct perf_event_attr: type and size, config, sample_period
            var attributes = [UInt64](repeating: 0, count: 14)
            attributes[0] = 1 | 112 << 32
            attributes[1] = 1
            attributes[2] = 1_000_000
            let event = unsafeBitCast(address, to: PerfEventOpen.self)(number, &attributes, 0, -1, -1, 0)
            return event < 0 ? nil : Int32(event)
        }

        @Test func libraryFunction() throws {
            try check("in_library", at: .uprobe(file: try libraryPath(), function: "getppid", process: getpid()))
        }

        @Test(.since(5, 15)) func aPinnedLinkGoesOnWithoutItsOwner() throws {
            let hook = Hook.uprobe(file: try libraryPath(), function: "getppid", process: getpid())
            let path = "/sys/fs/bpf/skoop-test-\(getpid())-probe"
            let object = try Tracing.open("in_library").load()
            try object.attach("in_library", to: hook).pin(at: path)
            defer { unlink(path) }
            Tracing.callParent(5)
            #expect(try object.global(Tracing.seen) == 5)
        }

        private func libraryPath() throws -> String {
            let maps = try run("cat", "/proc/\(getpid())/maps")
            let line = try #require(maps.split(separator: "\n").first { $0.hasSuffix("/libc.so.6") })
            return String(try #require(line.split(separator: " ").last))
        }

        /// In a mount namespace of its own, with and without tracefs mounted.
        @Test func stableTracepoint() async throws {
            try await onThread {
                try #require(unshare(0x20000) == 0)
                try #require(mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
                try #require(umount2("/sys/kernel/tracing", Int32(MNT_DETACH)) == 0 || errno == EINVAL)
                // Mounted nowhere, and then where it usually is.
                try check("stable", at: .tracepoint(category: "syscalls", name: "sys_enter_getppid"))
                try #require(mount("none", "/sys/kernel/tracing", "tracefs", 0, nil) == 0)
                try check("stable", at: .tracepoint(category: "syscalls", name: "sys_enter_getppid"))
                #expect(
                    Hook.tracepoint(category: "syscalls", name: "nothing").hindrance
                        == "no tracepoint 'syscalls/nothing'")
            }
        }

        @Test func aLinkOutlivesItsObject() throws {
            var attached = try attachedRing()
            Tracing.callParent(5)
            var numbers: [UInt64] = []
            try attached.ring.drain { record in
                if let call = record.load(as: CallRecord.self) { numbers.append(call.number) }
            }
            #expect(numbers == [1, 2, 3, 4, 5])
            try attached.link.detach()
        }

        private func attachedRing() throws -> Attached {
            let object = try Tracing.open("typed").load()
            return Attached(
                ring: try object.ringBuffer(Tracing.calls),
                link: try object.attach("typed", to: .btfTracepoint("sys_enter")))
        }

        private struct Attached: ~Copyable {
            var ring: RingBuffer
            var link: BPFLink
        }
    }
}

/// Runs `body` on a thread of its own, whose namespaces it may change.
func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        Thread { continuation.resume(with: Result(catching: body)) }.start()
    }
}
