// SPDX-License-Identifier: Apache-2.0

/// A setting of the whole machine, changed until the value goes or this process dies.
///
/// Who else changes the same one by this type, in any process, waits for it, for a minute at most.
struct GlobalSetting: ~Copyable, Sendable {
    /// What it was before.
    let before: String
    private let change: MachineChange

    /// Changes a setting.
    ///
    /// - Parameter name: a path below `/proc/sys`.
    init(_ name: String, _ value: String) throws {
        // The file is its own lock.
        change = try MachineChange(
            making: """
                exec 9< "$1"
                flock -w 60 9
                before=$(cat "$1")
                echo "$2" > "$1"
                echo "$before"
                """,
            undoing: """
                test -z "$before" || echo "$before" > "$1"
                """, "/proc/sys/" + name, value)
        before = change.answer
    }
}
