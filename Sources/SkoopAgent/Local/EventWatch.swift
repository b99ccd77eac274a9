// SPDX-License-Identifier: Apache-2.0
public import SkoopEvents
import SkoopEvidence
import SkoopExport
import SkoopModel
import SkoopProbes
import SkoopSystem
import SkoopYAML

/// Follows events, of an agent or of probes in this process: `skoop events`.
public struct EventWatch: Sendable {
    /// Which events.
    public var filter: EventFilter
    /// How they are written.
    public var format: AdminClient.Format

    /// Reads what a command line asks for.
    ///
    /// - Parameters:
    ///   - types: names of events or of probes; none for all.
    ///   - pods: as `namespace/name` or `name`; none for all.
    ///   - netns: a name of `/run/netns`, a path or an inode number; nil for all.
    ///   - since: also what an agent has kept of so long ago; nil for nothing.
    ///   - format: how events are written.
    /// - Throws: `EvidenceError`, naming what is wrong and what is allowed, or `SystemError` of a namespace that is not there.
    public init(
        types: [String], pods: [String] = [], netns: String? = nil, since: String? = nil, format: AdminClient.Format
    ) throws {
        let probes = Catalogue.eventSets.map { $0.probe }
        for type in types where Catalogue.event(named: type) == nil && !probes.contains(type.lowercased()) {
            let allowed = Catalogue.events.map(\.name) + probes
            throw EvidenceError("--type", NearestName.message(unknown: "event", type, allowed: allowed))
        }
        self.format = format
        filter = EventFilter(types: Set(types))
        filter.pods = pods.map { EventFilter.Pod($0) }
        if let netns {
            let path = netns.hasPrefix("/") ? netns : "/run/netns/\(netns)"
            filter.namespaces = [
                NamespaceID(rawValue: try UInt64(netns) ?? FileIdentity(path: path).inode)
            ]
        }
        if let since { filter.since = SystemClock.wall - (try TimeWindow.length(since, of: "--since")) }
    }

    /// Follows until the agent ends, or for ever.
    ///
    /// - Parameters:
    ///   - agent: its admin address; nil runs probes here. Where nobody listens at the default one, probes run here too.
    ///   - log: takes lines for people.
    ///   - body: takes bytes as they come.
    public func follow(
        _ agent: ListenAddress?, log: (String) -> Void, _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        if let agent {
            do {
                return try AdminClient(agent).followEvents(filter, as: format, body)
            } catch let error as SystemError where agent == .defaultAdmin && error.call == "connect" {
                log("no agent here (\(error)), running the probes itself")
            }
        }
        let wanted = Set(filter.types.map { Catalogue.event(named: $0)?.probe ?? $0.lowercased() })
        let local = try LocalAgent(
            metrics: [], events: wanted.isEmpty ? ProbeRegistry.defaultEventNames : wanted.sorted())
        guard let stream = local.agent.events?.stream else {
            throw EvidenceError("this host", "no probe here reports such events")
        }
        for line in local.notes { log(line) }
        var request = try EventRequest(query: nil, accept: nil, lastID: nil)
        if case .text(let isColoured) = format {
            request.style = .text
            request.isColoured = isColoured
        }
        var renderer = EventRenderer(request, stream)
        var cursor = EventCursor(stream, filter: filter, from: stream.oldest)
        let news = Monitor(false)
        while true {
            for item in cursor.read() ?? [] { try body(renderer.render(item)[...]) }
            stream.notify(at: cursor.next) { news.update { $0 = true } }
            news.wait { isThere -> Bool? in
                defer { isThere = false }
                return isThere ? true : nil
            }
        }
    }
}
