// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
internal import CSkoopBPF
import Glibc

extension Hook {
    /// Why the running kernel does not offer this hook, in one line; nil if it does.
    ///
    /// Typed and raw hooks are asked for with an empty program that is attached for an instant, and kprobes by making one,
    /// which are the only answers that count; the others by what the kernel shows of itself. Needs the privilege to load
    /// programs.
    public var hindrance: String? {
        switch self {
        case .btfTracepoint(let name):
            trial(
                .tracing, attachType: BPF_TRACE_RAW_TP, .typedef, "btf_trace_\(name)",
                missing: "no tracepoint '\(name)'")
        case .fentry(let function): functionTrial(BPF_TRACE_FENTRY, function)
        case .fexit(let function): functionTrial(BPF_TRACE_FEXIT, function)
        case .lsm(let name):
            trial(.lsm, attachType: BPF_LSM_MAC, .function, "bpf_lsm_\(name)", missing: "no security hook '\(name)'")
        case .rawTracepoint(let name): rawTracepointTrial(name)
        case .tracepoint(let category, let name): tracepointHindrance("\(category)/\(name)")
        case .kprobe(let function): kprobeHindrance(function, onReturn: false)
        case .kretprobe(let function): kprobeHindrance(function, onReturn: true)
        case .uprobe(let file, _, _), .uretprobe(let file, _, _):
            missing("/sys/bus/event_source/devices/uprobe/type", "the kernel has no uprobes (CONFIG_UPROBE_EVENTS)")
                ?? missing(file, "no readable file '\(file)'")
        case .cgroup(let path):
            missing("\(path)/cgroup.controllers", "'\(path)' is no directory of control groups of version 2")
        case .networkNamespace(let path): missing(path, "no network namespace at '\(path)'")
        // Not by attaching: an empty program would drop every packet meanwhile.
        case .netfilter: KernelFeature.program(.netfilter).hindrance
        case .trafficControl(let interface, _): interfaceHindrance(interface) ?? KernelFeature.program(.tc).hindrance
        case .xdp(let interface): interfaceHindrance(interface) ?? KernelFeature.program(.xdp).hindrance
        case .perfEvent: KernelFeature.program(.perfEvent).hindrance
        }
    }
}

private func missing(_ path: String, _ reason: String) -> String? {
    unsafe access(path, R_OK) == 0 ? nil : reason
}

private func interfaceHindrance(_ index: Int) -> String? {
    let found = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { name in
        guard let name = name.baseAddress, let index = UInt32(exactly: index) else { return false }
        return unsafe if_indextoname(index, name) != nil
    }
    return found ? nil : "no network device has the index \(index)"
}

private func trial(
    _ kind: BPFProgramKind, attachType: bpf_attach_type, _ type: BTFKind, _ name: String, missing: String
) -> String? {
    let target: UInt32?
    do throws(BPFError) {
        target = try KernelBTF.identifier(of: type, name)
    } catch {
        return "no kernel BTF: \(error)"
    }
    guard let target else { return missing }
    return trial(.empty(kind, attachType: attachType, target: target)) { bpf_raw_tracepoint_open(nil, $0) }
}

/// A function of the kernel, or of one of its modules.
private func functionTrial(_ attachType: bpf_attach_type, _ function: String) -> String? {
    let missing = "no function '\(function)'"
    let hindrance = trial(.tracing, attachType: attachType, .function, function, missing: missing)
    guard hindrance == missing else { return hindrance }
    do throws(BPFError) {
        guard let target = try ModuleFunction(function) else { return missing }
        let program = TrialProgram.empty(
            .tracing, attachType: attachType, target: target.type, in: target.object)
        return trial(program) { bpf_raw_tracepoint_open(nil, $0) }
    } catch {
        return "\(error)"
    }
}

private func rawTracepointTrial(_ name: String) -> String? {
    trial(.empty(.rawTracepoint)) { unsafe bpf_raw_tracepoint_open(name, $0) }
}

private func trial(_ program: TrialProgram, attach: (CInt) -> CInt) -> String? {
    let descriptor = program.load()
    guard descriptor >= 0 else { return "the kernel refuses such a program: \(describe(errno: -descriptor))" }
    defer { close(descriptor) }
    let link = attach(descriptor)
    guard link >= 0 else { return "the kernel refuses to attach: \(describe(errno: -link))" }
    close(link)
    return nil
}

private func tracepointHindrance(_ event: String) -> String? {
    let number = tracepointNumber(event)
    switch number {
    case 0...: return nil
    case -ENOENT: return "no tracepoint '\(event)'"
    case -ENODEV: return "tracefs is not mounted at /sys/kernel/tracing or cannot be read"
    default: return "tracepoint '\(event)': \(describe(errno: -number))"
    }
}

/// The number of a tracepoint `category/name` in the running kernel, or a negative error number.
func tracepointNumber(_ event: String) -> CInt { unsafe skoop_bpf_find_tracepoint("events/\(event)/id") }

private func kprobeHindrance(_ function: String, onReturn: Bool) -> String? {
    let event = unsafe skoop_bpf_open_kprobe(function, onReturn ? 1 : 0)
    guard event < 0 else {
        close(event)
        return nil
    }
    switch -event {
    case ENODEV: return "the kernel has no kprobes (CONFIG_KPROBE_EVENTS)"
    case ENOENT: return "no function '\(function)'"
    case let error: return "the kernel makes no kprobe in '\(function)': \(describe(errno: error))"
    }
}
