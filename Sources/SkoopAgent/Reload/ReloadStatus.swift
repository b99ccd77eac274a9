// SPDX-License-Identifier: Apache-2.0
import SkoopExport

/// What became of the last attempt to read the configuration.
public struct ReloadStatus: Sendable, Hashable {
    /// Whether it could be used. If not, the one before it is in force as a whole.
    public var isSuccessful = true
    /// What was wrong, one entry for each thing.
    public var errors: [String] = []
    /// Why it was read: `start`, `changed` or `SIGHUP`.
    public var reason = "start"
    /// When it was read, in nanoseconds since 1970.
    public var time: UInt64 = 0
    /// When one was last read that could be used, in nanoseconds since 1970.
    public var successTime: UInt64 = 0
    /// How often it was read and could be used, the start included.
    public var successes: UInt64 = 1
    /// How often it could not be used.
    public var failures: UInt64 = 0
    /// What the last one that could be used has changed.
    public var change = ConfigurationChange()

    /// The status before the first reload.
    public init() {}

    /// The part of `/status`.
    var json: JSONValue {
        .object([
            ("success", .bool(isSuccessful)),
            ("reason", .string(reason)),
            ("time", .number(Double(time) / 1e9)),
            ("last_success_time", .number(Double(successTime) / 1e9)),
            ("successes", .integer(successes)),
            ("failures", .integer(failures)),
            ("errors", .array(errors.map { .string($0) })),
            ("changes", .array(change.lines.map { .string($0) })),
            ("needs_restart", .array(change.needsRestart.map { .string($0) })),
        ])
    }
}
