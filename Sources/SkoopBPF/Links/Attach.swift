// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
internal import CSkoopBPF
import Glibc

extension LoadedBPFObject {
    /// Attaches a program to a hook.
    ///
    /// A program with a typed place (`tp_btf`, `fentry`, `fexit`, `lsm`) runs where it was loaded for: where its
    /// section or `BPFObject.target` said.
    public func attach(_ program: BPFProgramName, to hook: Hook) throws(BPFError) -> BPFLink {
        let pointer = unsafe try handle.program(program)
        let descriptor = try fileDescriptor(of: program)
        let subject = "\(name).\(program) at \(hook)"
        switch hook {
        case .btfTracepoint, .fentry, .fexit:
            return try unsafe link(subject) { unsafe bpf_program__attach_trace(pointer) }
        case .lsm:
            return try unsafe link(subject) { unsafe bpf_program__attach_lsm(pointer) }
        case .rawTracepoint(let name):
            return try unsafe link(subject) { unsafe bpf_program__attach_raw_tracepoint(pointer, name) }
        case .tracepoint(let category, let name):
            let number = tracepointNumber("\(category)/\(name)")
            let event = number < 0 ? number : skoop_bpf_open_tracepoint(number)
            guard event >= 0 else { throw BPFError(.attach, errno: -event, subject: subject, "cannot be opened") }
            // The link closes the event.
            do throws(BPFError) {
                return try unsafe link(subject) { unsafe bpf_program__attach_perf_event(pointer, event) }
            } catch {
                close(event)
                throw error
            }
        case .kprobe(let function), .kretprobe(let function):
            let onReturn = if case .kretprobe = hook { true } else { false }
            return try unsafe link(subject) { unsafe bpf_program__attach_kprobe(pointer, onReturn, function) }
        case .uprobe(let file, let function, let process), .uretprobe(let file, let function, let process):
            let onReturn = if case .uretprobe = hook { true } else { false }
            return try unsafe link(subject) {
                unsafe function.withCString { function in
                    var options = unsafe bpf_uprobe_opts()
                    unsafe options.sz = unsafe MemoryLayout<bpf_uprobe_opts>.stride
                    unsafe options.retprobe = onReturn
                    unsafe options.func_name = unsafe function
                    return unsafe bpf_program__attach_uprobe_opts(pointer, process ?? -1, file, 0, &options)
                }
            }
        case .cgroup(let path):
            let directory = try open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, subject)
            defer { close(directory) }
            return try unsafe link(subject) { unsafe bpf_program__attach_cgroup(pointer, directory) }
        case .networkNamespace(let path):
            let namespace = try open(path, O_RDONLY | O_CLOEXEC, subject)
            defer { close(namespace) }
            return try unsafe link(subject) { unsafe bpf_program__attach_netns(pointer, namespace) }
        case .netfilter(let place):
            let result = skoop_bpf_attach_netfilter(
                descriptor, place.family.rawValue, place.point.rawValue, place.priority)
            guard result >= 0 else {
                throw BPFError(.attach, errno: -result, subject: subject, "cannot be attached")
            }
            return BPFLink(.descriptor(result), name: subject)
        case .xdp(let interface):
            return try unsafe link(subject) { unsafe bpf_program__attach_xdp(pointer, CInt(clamping: interface)) }
        case .trafficControl(let interface, let direction):
            return try attachTrafficControl(descriptor, CInt(clamping: interface), direction, subject)
        case .perfEvent(let event):
            return try unsafe link(subject) { unsafe bpf_program__attach_perf_event(pointer, event) }
        }
    }

    /// Attaches a program where its section in the source says, as in `SEC("tp_btf/kfree_skb")`; a program for control groups
    /// to this one.
    public func attach(_ program: BPFProgramName, controlGroup: String) throws(BPFError) -> BPFLink {
        let pointer = unsafe try handle.program(program)
        let section = unsafe bpf_program__section_name(pointer).map { unsafe String(cString: $0) } ?? ""
        if section.hasPrefix("cgroup") { return try attach(program, to: .cgroup(controlGroup)) }
        return try unsafe link("\(name).\(program) at \(section)") { unsafe bpf_program__attach(pointer) }
    }

    private func link(_ subject: String, _ attach: () -> OpaquePointer?) throws(BPFError) -> BPFLink {
        let attached = unsafe collectingWarnings(attach)
        guard let link = unsafe attached.result else {
            throw unsafe BPFError(
                .attach, errno: attached.errno, subject: subject, attached.warnings.last ?? "cannot be attached")
        }
        return unsafe BPFLink(.libbpf(link), name: subject)
    }

    private func attachTrafficControl(
        _ program: CInt, _ interface: CInt, _ direction: Hook.Direction, _ subject: String
    ) throws(BPFError) -> BPFLink {
        // BPF_TCX_INGRESS and BPF_TCX_EGRESS, which libbpf 1.1 does not name but passes on.
        let point = bpf_attach_type(rawValue: direction == .ingress ? 46 : 47)
        let result = bpf_link_create(program, interface, point, nil)
        if result >= 0 { return BPFLink(.descriptor(result), name: subject) }
        // What a kernel before 6.6 says to a number that it does not know.
        guard result == -EINVAL else {
            throw BPFError(.attach, errno: -result, subject: subject, "cannot be attached")
        }
        let filter = try TrafficControlFilter(program: program, interface: interface, direction, name: subject)
        return BPFLink(.filter(filter), name: subject)
    }

    private func open(_ path: String, _ flags: CInt, _ subject: String) throws(BPFError) -> CInt {
        let descriptor = unsafe Glibc.open(path, flags)
        guard descriptor >= 0 else {
            throw BPFError(.attach, errno: errno, subject: subject, "'\(path)' cannot be opened")
        }
        return descriptor
    }
}
