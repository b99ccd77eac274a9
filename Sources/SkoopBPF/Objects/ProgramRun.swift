// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// What a run of a program by hand gave.
public struct ProgramRun: Sendable, Hashable {
    /// What the program returned.
    public var returnValue: UInt32
    /// The mean time of one repetition as the kernel measured it, in nanoseconds of resolution; for a syscall program,
    /// which the kernel does not measure, the time that the call took.
    public var duration: Duration
}

extension LoadedBPFObject {
    /// Runs a program of type `syscall` (`SEC("syscall")`, 5.14) once, with `context` as its argument.
    ///
    /// The program may change the context. It may sleep, and runs in the calling thread: its namespaces and its
    /// credentials are what the program sees as current.
    @discardableResult
    public func runSyscall<Context: BitwiseCopyable>(
        _ program: BPFProgramName, context: inout Context
    ) throws(BPFError) -> ProgramRun {
        let descriptor = try fileDescriptor(of: program)
        var options = unsafe bpf_test_run_opts()
        unsafe options.sz = unsafe MemoryLayout<bpf_test_run_opts>.stride
        let start = ContinuousClock.now
        let result = unsafe withUnsafeMutableBytes(of: &context) { bytes in
            unsafe options.ctx_in = UnsafeRawPointer(bytes.baseAddress)
            unsafe options.ctx_size_in = UInt32(bytes.count)
            return unsafe bpf_prog_test_run_opts(descriptor, &options)
        }
        guard result == 0 else { throw runError(program, result) }
        return unsafe ProgramRun(returnValue: options.retval, duration: ContinuousClock.now - start)
    }

    /// Runs a program of type `syscall` that takes no argument.
    @discardableResult
    public func runSyscall(_ program: BPFProgramName) throws(BPFError) -> ProgramRun {
        var nothing: UInt64 = 0
        return try runSyscall(program, context: &nothing)
    }

    /// Runs a program that takes packets (`tc`, `xdp`, `cgroup_skb`, …) on one, without any network.
    ///
    /// - Parameters:
    ///   - program: the program.
    ///   - packet: the packet from its Ethernet header on, at least 14 bytes; replaced by what the program made of it.
    ///   - repetitions: how often; the duration is the mean.
    public func run(
        _ program: BPFProgramName, on packet: inout [UInt8], repetitions: Int = 1
    ) throws(BPFError) -> ProgramRun {
        let descriptor = try fileDescriptor(of: program)
        // Old kernels take less as well, and put zeros in its place.
        guard packet.count >= 14 else {
            throw BPFError(
                .run, errno: EINVAL, subject: "\(name).\(program)",
                "a packet of \(packet.count) bytes, allowed: 14 or more")
        }
        // A program may put headers in front.
        var output = [UInt8](repeating: 0, count: packet.count + 256)
        var options = unsafe bpf_test_run_opts()
        unsafe options.sz = unsafe MemoryLayout<bpf_test_run_opts>.stride
        unsafe options.repeat = CInt(clamping: repetitions)
        let result = unsafe packet.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                unsafe options.data_in = input.baseAddress
                unsafe options.data_size_in = UInt32(input.count)
                unsafe options.data_out = output.baseAddress
                unsafe options.data_size_out = UInt32(output.count)
                return unsafe bpf_prog_test_run_opts(descriptor, &options)
            }
        }
        guard result == 0 else { throw runError(program, result) }
        packet = Array(output.prefix(unsafe Int(options.data_size_out)))
        return unsafe ProgramRun(
            returnValue: options.retval, duration: .nanoseconds(Int64(options.duration)))
    }

    func runError(_ program: BPFProgramName, _ result: CInt) -> BPFError {
        BPFError(
            .run, errno: -result, subject: "\(name).\(program)",
            "cannot be run by hand, or not on an argument of this size")
    }
}
