// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopAgent

/// `skoop probes`: what can be read on this host, from which source, and why not from a better one.
struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes", abstract: "Lists the probes: whether they run here, from which source, and why not.")

    func run() {
        noteMissingPrivilege()
        print(ProbeTable.text, terminator: "")
    }
}
