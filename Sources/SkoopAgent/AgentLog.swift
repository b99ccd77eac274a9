// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Where an agent writes what people should know, and in debug mode what they may want to know.
final class AgentLog: Sendable {
    private let write: @Sendable (String) -> Void
    private let debugging = Atomic(false)

    init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// Whether more is written.
    var isDebug: Bool {
        get { debugging.load(ordering: .relaxed) }
        set { debugging.store(newValue, ordering: .relaxed) }
    }

    /// Writes a line.
    func line(_ text: String) { write(text) }

    /// Writes a line in debug mode.
    func debug(_ text: @autoclosure () -> String) { if isDebug { write("debug: \(text())") } }
}
