// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopBPF
internal import SkoopSystem

extension ProbeError {
    /// What an error of the BPF library means for a probe.
    init(_ error: BPFError) {
        guard error.errno == EPERM || error.errno == EACCES, error.verifierLog == nil else {
            self.init(.unsupportedKernel, error.description)
            return
        }
        // libbpf guesses at other causes at length.
        self.init(
            .missingPrivilege,
            "\(error.subject): not permitted, eBPF needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, or CAP_SYS_ADMIN before 5.8"
        )
    }

    /// What an error of the BPF library means for a probe whose one pass older kernels need not take.
    ///
    /// Tried all the same before this is said, for distributions put what is newer into kernels called older.
    init(_ error: BPFError, needing version: KernelVersion, running release: String = KernelVersion.runningRelease) {
        self.init(error)
        guard reason == .unsupportedKernel, let running = KernelVersion(release: release), running < version else {
            return
        }
        message = "the one pass needs Linux \(version), this is \(release)"
    }

    /// What a failed system call means for a probe.
    init(_ error: SystemError) {
        self.init(error.isDenial ? .missingPrivilege : .unreadable, error.description)
    }

    /// The value of `body`, its error turned into a probe's.
    static func wrap<Value: ~Copyable>(_ body: () throws(SystemError) -> Value) throws(ProbeError) -> Value {
        do { return try body() } catch { throw ProbeError(error) }
    }
}
