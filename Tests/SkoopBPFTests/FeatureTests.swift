// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Testing

extension KernelTests {
    @Suite struct Features {
        static let helpers: [KernelFeature] = [
            .helper(.currentCgroupID, in: .tracepoint), .helper(.probeReadKernel, in: .rawTracepoint),
            .helper(.bootTime, in: .xdp), .helper(.ringBufferReserve, in: .tracepoint),
            .helper(.perCPUPointer, in: .tracepoint), .helper(.currentTask, in: .tracing),
            .helper(.forEachMapElement, in: .syscall), .helper(.loop, in: .syscall),
            .helper(.lookupPerCPU, in: .syscall),
        ]
        static let maps = [
            BPFMapKind.hash, .array, .perCPUHash, .perCPUArray, .lruHash, .lruPerCPUHash, .lpmTrie, .ringBuffer,
        ].map(KernelFeature.map)
        static let others: [KernelFeature] = [
            .kernelBTF, .mapBatches, .kernelFunction("bpf_rcu_read_lock", since: KernelVersion(6, 2)),
        ]

        /// A host may forbid security programs to root as well, which is no matter of the version.
        static let programs = BPFProgramKind.allCases.filter { $0 != .lsm }.map(KernelFeature.program)

        /// The kernels that tests run on are built with all of this, so the version alone decides.
        @Test(arguments: helpers + maps + others + programs)
        func agreesWithTheVersion(_ feature: KernelFeature) {
            let expected =
                KernelVersion.running >= feature.since ? KernelSupport.supported : .unsupported(since: feature.since)
            #expect(feature.support == expected)
            #expect(feature.support == expected)
        }

        @Test func whatNoKernelHasIsUnsupported() {
            let far = KernelVersion(99, 0)
            let helper = KernelFeature.helper(BPFHelper("bpf_no_such", 4000, since: far), in: .syscall)
            #expect(helper.support == .unsupported(since: far))
            #expect(helper.hindrance?.hasPrefix("the kernel has no helper bpf_no_such") == true)
            #expect(KernelFeature.kernelFunction("bpf_no_such", since: far).support == .unsupported(since: far))
            // bpf_loop exists, bpf_sys_close (168) is for syscall programs alone.
            let close = BPFHelper("bpf_sys_close", 168, since: KernelVersion(5, 14))
            let isThere = KernelVersion.running >= close.since
            #expect(
                KernelFeature.helper(close, in: .syscall).support
                    == (isThere ? .supported : .unsupported(since: close.since)))
            #expect(KernelFeature.helper(close, in: .xdp).support == .unsupported(since: KernelVersion(5, 14)))
        }
    }
}
