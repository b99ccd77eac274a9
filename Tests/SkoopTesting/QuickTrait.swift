// SPDX-License-Identifier: Apache-2.0
import Foundation
public import Testing

extension Trait where Self == ConditionTrait {
    /// Leaves the test out where `SKOOP_QUICK=1`, as in the guests of `make test`: in an emulated kernel it takes long, and
    /// others show there that the probe works.
    public static var takesLongInGuests: Self {
        .disabled(if: ProcessInfo.processInfo.environment["SKOOP_QUICK"] == "1", "make test-kernels runs it in guests")
    }
}
