// SPDX-License-Identifier: Apache-2.0
internal import CSkoopBPF

/// A program as a filter of the clsact queueing discipline: what kernels before 6.6 have in place of tcx.
struct TrafficControlFilter: Sendable {
    private let filter: skoop_bpf_filter

    init(program: CInt, interface: CInt, _ direction: Hook.Direction, name: String) throws(BPFError) {
        var filter = skoop_bpf_filter()
        filter.interface = interface
        filter.egress = direction == .egress ? 1 : 0
        let (result, _, warnings) = collectingWarnings { unsafe skoop_bpf_filter_attach(&filter, program) }
        guard result == 0 else {
            throw BPFError(.attach, errno: -result, subject: name, warnings.last ?? "cannot be attached")
        }
        self.filter = filter
    }

    func remove() -> CInt {
        var filter = filter
        return collectingWarnings { unsafe skoop_bpf_filter_detach(&filter) }.result
    }
}
