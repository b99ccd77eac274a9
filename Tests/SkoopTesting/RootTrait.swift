// SPDX-License-Identifier: Apache-2.0
import Glibc
public import Testing

extension Trait where Self == ConditionTrait {
    /// Runs the test only as root: it makes network namespaces, loads eBPF programs or changes control groups.
    public static var requiresRoot: Self {
        .enabled(if: getuid() == 0, "needs root: it makes network namespaces, loads eBPF programs or control groups")
    }
}
