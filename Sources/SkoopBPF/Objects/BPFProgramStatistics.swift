// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// What the kernel tells of a loaded program: `struct bpf_prog_info`.
public struct BPFProgramStatistics: Sendable, Hashable {
    /// The kernel's number of the program.
    public let id: UInt32
    /// How often it ran while somebody held a `BPFRunClock`.
    public let runs: UInt64
    /// How long that took, with the reading of the clock.
    public let runTime: Duration
    /// How often it was not run because it, or for some kinds of programs any, was running on that CPU (5.12, else 0).
    public let missed: UInt64
    /// Instructions that the verifier looked at (5.16, else 0).
    public let verifiedInstructions: Int
    /// The size of its machine code in bytes; 0 where it is interpreted.
    public let codeSize: Int

    /// Asks about a program by a descriptor.
    init(fileDescriptor: CInt, subject: String) throws(BPFError) {
        var info = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.stride)
        let result = unsafe bpf_obj_get_info_by_fd(fileDescriptor, &info, &size)
        guard result == 0 else { throw BPFError(.name, errno: -result, subject: subject, "is no program") }
        id = info.id
        runs = info.run_cnt
        runTime = .nanoseconds(Int64(clamping: info.run_time_ns))
        missed = info.recursion_misses
        verifiedInstructions = Int(info.verified_insns)
        codeSize = Int(info.jited_prog_len)
    }
}

extension LoadedBPFObject {
    /// What the kernel tells of a program.
    public func statistics(of program: BPFProgramName) throws(BPFError) -> BPFProgramStatistics {
        try BPFProgramStatistics(
            fileDescriptor: try fileDescriptor(of: program), subject: "\(name).\(program)")
    }
}

/// While one exists, the kernel measures how long every program runs (`BPF_ENABLE_STATS`, 5.8), which costs each run some
/// tens of nanoseconds. Needs CAP_SYS_ADMIN.
public struct BPFRunClock: ~Copyable, Sendable {
    private let descriptor: CInt

    /// Starts measuring.
    public init() throws(BPFError) {
        descriptor = bpf_enable_stats(BPF_STATS_RUN_TIME)
        guard descriptor >= 0 else {
            throw BPFError(.run, errno: -descriptor, subject: "run statistics", "cannot be enabled")
        }
    }

    deinit { close(descriptor) }
}
