// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import SkoopAgent
import SkoopEvents
import SkoopExport
import SkoopIdentity
import SkoopModel
import SkoopProbes
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

    func validate() throws {
        let probes = Catalogue.eventSets.map { $0.probe }
        for type in types where Catalogue.event(named: type) == nil && !probes.contains(type.lowercased()) {
            let allowed = (Catalogue.events.map(\.name) + probes).joined(separator: ", ")
            throw ValidationError("unknown event '\(type)', allowed: \(allowed)")
        }
        if ListenAddress(agent) == nil { throw ValidationError("--agent: allowed is \(ListenAddress.allowed)") }
        if let since, Duration(shortText: since) == nil {
            throw ValidationError("--since: '\(since)' is no duration such as 90s or 5m")
        }
    }

    func run() throws {
        var filter = EventFilter(types: Set(types))
        filter.pods = pods.map { EventFilter.Pod($0) }
        if let netns { filter.namespaces = [try namespace(netns)] }
        if let ago = since.flatMap({ Duration(shortText: $0) }) {
            filter.since = SystemClock.wall - min(SystemClock.wall, UInt64(max(0, ago / .nanoseconds(1))))
        }
        let isColoured = !json && isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
        if !noAgent, let address = ListenAddress(agent) {
            do {
                let client = try AdminClient(address)
                return try client.followEvents(filter, as: json ? .json : .text(isColoured: isColoured)) { bytes in
                    try StandardStream.output.write(bytes)
                }
            } catch let error as SystemError where address == .defaultAdmin && error.call == "connect" {
                note("no agent here (\(error)), running the probes itself")
            }
        }
        noteMissingPrivilege()
        try runProbes(filter, isColoured: isColoured)
    }

    private func namespace(_ text: String) throws -> NamespaceID {
        if let number = UInt64(text) { return NamespaceID(rawValue: number) }
        let path = text.hasPrefix("/") ? text : "/run/netns/\(text)"
        return NamespaceID(rawValue: try FileIdentity(path: path).inode)
    }

    private func runProbes(_ filter: EventFilter, isColoured: Bool) throws {
        let wanted = Set(types.map { Catalogue.event(named: $0)?.probe ?? $0.lowercased() })
        var configuration = Configuration()
        configuration.node = configuration.nodeName
        configuration.metrics.probes = []
        configuration.event.probes = (wanted.isEmpty ? ProbeRegistry.defaultEventNames : wanted.sorted())
            .map { Configuration.ProbeSettings($0) }
        let readers = SharedReaders()
        let resolver = EntityResolver(node: configuration.node)
        let agent = try Agent(
            configuration, environment: ProbeEnvironment(readers: readers),
            census: .host(resolver) { HostInventoryReader(readers: readers) })
        guard let stream = agent.events?.stream else { throw ValidationError("no probe here reports such events") }
        agent.collector.waitUntilPrepared(for: .seconds(10))
        for probe in agent.collector.probes {
            if let error = probe.error {
                note("probe \(probe.name) does not run: \(error.reason.rawValue): \(error.message)")
            } else {
                note("probe \(probe.name) watches \(probe.source?.hooks.joined(separator: ", ") ?? "")")
            }
        }
        var cursor = EventCursor(stream, filter: filter, from: stream.oldest)
        var encoder = EventEncoder()
        var text = EventText(isColoured: isColoured)
        let news = Monitor(false)
        while true {
            for item in cursor.read() ?? [] {
                switch item {
                case .event(let event, _):
                    let line = json ? Array(encoder.encode(event)) : Array(text.line(event).utf8)
                    try StandardStream.output.write((line + [10])[...])
                case .missed(let count): note("\(count) events came too fast and were missed")
                }
            }
            stream.notify(at: cursor.next) { news.update { $0 = true } }
            news.wait { isThere -> Bool? in
                defer { isThere = false }
                return isThere ? true : nil
            }
        }
    }
}
