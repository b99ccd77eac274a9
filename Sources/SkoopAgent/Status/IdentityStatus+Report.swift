// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopIdentity
import SkoopModel

extension [any IdentitySource] {
    /// How those fare that are to be asked.
    var wanted: [IdentityStatus] { map(\.status).filter(\.isWanted) }
}

extension IdentityStatus {
    /// The part of `/status`.
    var json: JSONValue {
        .object([
            ("name", .string(name)),
            ("peer", JSONValue(peer.isEmpty ? nil : peer)),
            ("mode", JSONValue(mode.isEmpty ? nil : mode)),
            ("pods", .integer(UInt64(pods))),
            ("answers", .integer(answers)),
            ("last_answer_time", lastAnswer == 0 ? .null : .number(Double(lastAnswer) / 1e9)),
            ("error", failure.map { JSONValue(reason: $0.reason.rawValue, $0.message) } ?? .null),
            (
                "failures",
                JSONValue(Dictionary(uniqueKeysWithValues: failures.map { ($0.key.rawValue, $0.value) }))
            ),
            ("resources", .array(parts.map(\.json))),
        ])
    }
}

extension IdentityStatus.Part {
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(name)),
            ("mode", JSONValue(mode.isEmpty ? nil : mode)),
            ("objects", .integer(UInt64(objects))),
            ("last_answer_time", lastAnswer == 0 ? .null : .number(Double(lastAnswer) / 1e9)),
            ("error", failure.map { JSONValue(reason: $0.reason.rawValue, $0.message) } ?? .null),
        ])
    }
}
