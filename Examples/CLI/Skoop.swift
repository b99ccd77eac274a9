// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import SkoopAgent
import SkoopSystem

/// The command-line tool: looks at this host, without an agent where there is none.
@main
struct Skoop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skoop",
        abstract: "Reads the kernel's network counters of this node and of every network namespace on it.",
        version: AgentVersion.current,
        subcommands: [
            AnalyzeCommand.self, RecordCommand.self, RulesCommand.self, ProbesCommand.self, SnapshotCommand.self,
            EventsCommand.self, TopCommand.self, ExplainCommand.self, PodsCommand.self, ExplainIdentityCommand.self,
        ])
}

/// Prints a line that is no part of the output.
func note(_ message: String) { StandardStream.error.writeLine("skoop: \(message)") }

/// Says what will be missing without root.
func noteMissingPrivilege() {
    guard getuid() != 0 else { return }
    note("not root: namespaces and processes of other users may be missing; run as root to see all")
}
