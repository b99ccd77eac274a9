// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopBPF
import Testing

@testable import SkoopProbes

@Suite struct ProbeErrorTests {
    private let refused = BPFError(.load, errno: EINVAL, subject: "mib", "prog 'learn_offsets': failed to load: -22")

    @Test func anOldKernelIsNamedAsTheCause() {
        let error = ProbeError(refused, needing: KernelVersion(5, 19), running: "5.10.0-46-cloud-amd64")
        #expect(error == ProbeError(.unsupportedKernel, "the one pass needs Linux 5.19, this is 5.10.0-46-cloud-amd64"))
    }

    @Test(arguments: ["5.19.0-1-amd64", "6.1.0", "7.3.4+deb13", "unknown"])
    func anyOtherKernelIsNot(release: String) {
        let error = ProbeError(refused, needing: KernelVersion(5, 19), running: release)
        #expect(error == ProbeError(.unsupportedKernel, refused.description))
    }

    @Test func aMissingPrivilegeIsTheCauseOnOldKernelsToo() {
        let denied = BPFError(.load, errno: EPERM, subject: "mib", "cannot be loaded")
        let error = ProbeError(denied, needing: KernelVersion(5, 19), running: "5.10.0")
        #expect(error == ProbeError(denied))
        #expect(error.reason == .missingPrivilege)
    }
}
