// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import Testing

struct SinkErrorTests {
    @Test(arguments: SinkError.Reason.allCases)
    func whatNoTimeHealsIsFinal(reason: SinkError.Reason) {
        #expect(SinkError(reason, "").isRetryable == ![.invalidArgument, .refused].contains(reason))
        #expect(SinkError(reason, "", isRetryable: true).isRetryable)
    }
}
