// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import SkoopProbes
import SkoopTesting
import Testing

/// What it measures is seen in the guests of the kernel matrix, which have virtio devices and kprobes.
@Suite(.requiresRoot) struct VirtcmdLatencyProbeTests {
    @Test func saysWhatIsMissingOrRuns() throws {
        let hooks: [Hook] = [.fentry("virtnet_send_command"), .kprobe("virtnet_send_command")]
        do throws(ProbeError) {
            let probe = try VirtcmdLatencyProbe(ProbeEnvironment())
            #expect(probe.source.hooks.count == 2)
        } catch {
            #expect(error.reason == .unsupportedKernel)
            #expect(hooks.allSatisfy { error.message.contains($0.description) })
        }
    }
}
