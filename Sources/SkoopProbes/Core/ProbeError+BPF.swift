// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopBPF
internal import SkoopSystem

extension ProbeError {
    /// What an error of the BPF library means for a probe.
    init(_ error: BPFError) {
        let reason: Reason =
            switch error.errno {
            case EPERM, EACCES: .missingPrivilege
            default: .unsupportedKernel
            }
        self.init(reason, error.description)
    }

    /// What a failed system call means for a probe.
    init(_ error: SystemError) {
        self.init(error.isDenial ? .missingPrivilege : .unreadable, error.description)
    }

    /// The value of `body`, its error turned into a probe's.
    static func wrap<Value>(_ body: () throws(SystemError) -> Value) throws(ProbeError) -> Value {
        do { return try body() } catch { throw ProbeError(error) }
    }
}
