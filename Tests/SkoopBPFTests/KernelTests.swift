// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import SkoopTesting
import Testing

/// Everything that loads programs into the running kernel.
@Suite(.serialized, .requiresRoot) enum KernelTests {}

extension Trait where Self == ConditionTrait {
    /// Runs the test only on kernels that can have what it is about.
    static func since(_ major: Int, _ minor: Int) -> Self {
        let version = KernelVersion(major, minor)
        return .enabled(if: KernelVersion.running >= version, "is of Linux \(version)")
    }
}
