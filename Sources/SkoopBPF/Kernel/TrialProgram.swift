// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// A program of a few instructions that shows by being loaded what the kernel can do.
struct TrialProgram {
    private static let clearR0: UInt64 = 0xB7  // r0 = 0
    private static let exit: UInt64 = 0x95  // exit

    private var instructions: [UInt64]
    private var kind: BPFProgramKind
    private var attachType: bpf_attach_type
    private var target: UInt32
    /// The descriptor of the type information that has the target; 0 for the kernel's own.
    private var object: CInt = 0

    /// A program that does nothing.
    static func empty(
        _ kind: BPFProgramKind, attachType: bpf_attach_type? = nil, target: UInt32 = 0, in object: CInt = 0
    ) -> TrialProgram {
        TrialProgram(
            instructions: [clearR0, exit], kind: kind, attachType: attachType ?? kind.trialAttachType, target: target,
            object: object)
    }

    /// A program that calls a helper without arguments.
    static func calling(_ helper: UInt32, _ kind: BPFProgramKind, target: UInt32) -> TrialProgram {
        TrialProgram(
            instructions: [0x85 | UInt64(helper) << 32, exit], kind: kind, attachType: kind.trialAttachType,
            target: target)
    }

    /// A descriptor, or the negative error number.
    func load() -> CInt { unsafe load(log: nil, size: 0) }

    /// The negative error number and the verifier's words; 0 if the program is accepted.
    func verify() -> (result: CInt, log: String) {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { log in
            unsafe log.initialize(repeating: 0)
            let descriptor = unsafe load(log: log.baseAddress, size: log.count)
            if descriptor >= 0 { close(descriptor) }
            return (min(descriptor, 0), unsafe log.baseAddress.map { unsafe String(cString: $0) } ?? "")
        }
    }

    private func load(log: UnsafeMutablePointer<CChar>?, size: Int) -> CInt {
        var options = unsafe bpf_prog_load_opts()
        unsafe options.sz = unsafe MemoryLayout<bpf_prog_load_opts>.stride
        unsafe options.expected_attach_type = attachType
        unsafe options.attach_btf_id = target
        unsafe options.attach_btf_obj_fd = UInt32(object)
        unsafe options.prog_flags = kind == .syscall ? 1 << 4 : 0  // BPF_F_SLEEPABLE
        unsafe options.log_level = log == nil ? 0 : 1
        unsafe options.log_buf = unsafe log
        unsafe options.log_size = UInt32(size)
        return collectingWarnings {
            unsafe instructions.withUnsafeBytes { bytes in
                let first = unsafe bytes.baseAddress?.assumingMemoryBound(to: bpf_insn.self)
                return unsafe bpf_prog_load(
                    bpf_prog_type(rawValue: kind.rawValue), nil, "Dual BSD/GPL", first, instructions.count, &options)
            }
        }.result
    }
}
