// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// A program as a filter of the clsact queueing discipline: what kernels before 6.6 have in place of tcx.
struct TrafficControlFilter: Sendable {
    private let interface: CInt
    private let direction: Hook.Direction
    private let handle: UInt32
    private let priority: UInt32

    init(program: CInt, interface: CInt, _ direction: Hook.Direction, name: String) throws(BPFError) {
        self.interface = interface
        self.direction = direction
        var hook = Self.hook(interface, direction)
        var options = bpf_tc_opts()
        options.sz = MemoryLayout<bpf_tc_opts>.stride
        options.prog_fd = program
        let (result, _, warnings) = collectingWarnings { () -> CInt in
            // Shared by all filters of the device, so it is made if missing and never removed.
            let created = unsafe bpf_tc_hook_create(&hook)
            guard created == 0 || created == -EEXIST else { return created }
            return unsafe bpf_tc_attach(&hook, &options)
        }
        guard result == 0 else {
            throw BPFError(.attach, errno: -result, subject: name, warnings.last ?? "cannot be attached")
        }
        handle = options.handle
        priority = options.priority
    }

    func remove() -> CInt {
        var hook = Self.hook(interface, direction)
        var options = bpf_tc_opts()
        options.sz = MemoryLayout<bpf_tc_opts>.stride
        options.handle = handle
        options.priority = priority
        return collectingWarnings { unsafe bpf_tc_detach(&hook, &options) }.result
    }

    private static func hook(_ interface: CInt, _ direction: Hook.Direction) -> bpf_tc_hook {
        var hook = bpf_tc_hook()
        hook.sz = MemoryLayout<bpf_tc_hook>.stride
        hook.ifindex = interface
        hook.attach_point = direction == .ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS
        return hook
    }
}
