// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Testing

@testable import SkoopLab

@Suite("changes to the machine")
struct MachineChangeTests {
    /// A task that is gone before it could be moved out of a group must not keep the group.
    @Test("what fails in undoing a change does not keep the rest from being undone")
    func failingUndo() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "change-\(getpid())").path
        do {
            let change = try MachineChange(
                making: "mkdir \"$1\"; echo made", undoing: "echo 1 > \"$1/none/none\"; false; rmdir \"$1\"", directory)
            #expect(change.answer == "made")
            #expect(FileManager.default.fileExists(atPath: directory))
        }
        #expect(eventually(within: 20) { !FileManager.default.fileExists(atPath: directory) })
    }
}
