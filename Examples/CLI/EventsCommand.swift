// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import SkoopAgent
import SkoopSystem

/// `skoop events`: what happens, as it happens, from a running agent or without one.
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Follows the events of an agent, or runs the probes itself where there is none.")

    @Option(
        name: .customLong("type"), parsing: .upToNextOption,
        help: "Only events of these types or probes, for example PacketLoss or packetloss.")
    var types: [String] = []

    @Option(
        name: .customLong("pod"), parsing: .upToNextOption,
        help: "Only events of these pods, as namespace/name or name, or with them at one end.")
    var pods: [String] = []

    @Option(help: "Only events of this network namespace, a name of /run/netns, a path or an inode number.")
    var netns: String?

    @Option(help: "Also what the agent has kept of so long ago, for example 90s or 5m.")
    var since: String?

    @Flag(help: "Print lines of JSON.")
    var json = false

    @Option(help: "The agent's admin address.")
    var agent: String = ListenAddress.defaultAdmin.description

    @Flag(help: "Run the probes here, whether or not there is an agent.")
    var noAgent = false

    func run() throws {
        guard let address = ListenAddress(agent) else {
            throw ValidationError("--agent: allowed is \(ListenAddress.allowed)")
        }
        let isColoured = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
        let watch = try EventWatch(
            types: types, pods: pods, netns: netns, since: since,
            format: json ? .json : .text(isColoured: isColoured))
        if noAgent { noteMissingPrivilege() }
        try watch.follow(noAgent ? nil : address, log: note) { try StandardStream.output.write($0) }
    }
}
