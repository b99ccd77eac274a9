// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopProbes

extension BirthStatus {
    /// The part of `/status`.
    var json: JSONValue {
        .object([
            ("hook", JSONValue(hook.isEmpty ? nil : hook)),
            ("error", error.map { JSONValue(reason: $0.reason.rawValue, $0.message) } ?? .null),
            ("told", .integer(told)),
            ("lost", .integer(lost)),
            ("known", .integer(UInt64(known))),
        ])
    }
}
