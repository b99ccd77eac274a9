// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Testing

@testable import SkoopProbes

@Suite struct HookOrderTests {
    @Test func whatIsToBeAvoidedComesLast() {
        let alternatives = [
            BPFAttachment("typed", to: .btfTracepoint("f")), BPFAttachment("entry", to: .fentry("f")),
            BPFAttachment("raw", to: .rawTracepoint("f")), BPFAttachment("probe", to: .kprobe("f")),
        ]
        var environment = ProbeEnvironment()
        environment.avoidedHooks = []
        #expect(environment.ordered(alternatives) == alternatives)
        environment.avoidedHooks = ["tp_btf", "fentry", "tp", "nonsense"]
        #expect(environment.ordered(alternatives).map(\.program) == ["raw", "probe", "typed", "entry"])
    }
}
