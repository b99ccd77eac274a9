// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SkoopAgent
import SkoopSystem

/// `skoop top`: who has which traffic and which trouble, live.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Shows traffic and trouble by pod, live.",
        discussion: "Of an agent, or of probes run here where there is none. '?' says what the keys do.")

    @Option(help: "How often to read.") var interval = "2s"
    @Option(help: "A column to sort by, name or finding.") var sort = "rx"
    @Flag(help: "In the other direction.") var reverse = false
    @Option(help: "Only rows with this text in their name, node or finding; !text for those without.") var filter = ""
    @Option(help: "The agent: its admin address, its address or a URL; this host's without.") var agent: String?
    @Flag(help: "Run the probes here, whether or not there is an agent.") var noAgent = false
    @Flag(help: "Print the table once; the same where there is no terminal.") var once = false
    @Flag(help: "Print it once as JSON (skoop.top/1).") var json = false

    func run() throws {
        let watch = try TopWatch(
            every: interval, sort: sort, isReversed: reverse, filter: filter, agent: agent, isLocal: noAgent,
            remotes: Remotes())
        if noAgent { noteMissingPrivilege() }
        if once || json || !TopWatch.canWatch {
            try watch.once(json ? .json : .text) { try StandardStream.output.write(Array($0.utf8)[...]) }
        } else {
            try watch.watch()
        }
    }
}
