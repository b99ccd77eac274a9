// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopExport
import SkoopModel
import SkoopSystem
import SkoopYAML

/// What a client of `/events` asks for.
struct EventRequest: Sendable, Equatable {
    /// How events are written.
    enum Style: String, Sendable, CaseIterable {
        /// Server-sent events.
        case sse
        /// Lines of JSON.
        case json
        /// A line for people.
        case text

        /// The value of `Content-Type`.
        var contentType: String {
            switch self {
            case .sse: "text/event-stream; charset=utf-8"
            case .json: "application/x-ndjson"
            case .text: "text/plain; charset=utf-8"
            }
        }
    }

    /// Something in the query that is not understood.
    struct BadQuery: Error {
        /// One lower-case line.
        var message: String
    }

    var style = Style.json
    var filter = EventFilter()
    /// Whether what comes later is wanted too.
    var follows = true
    /// Whether texts for people are coloured.
    var isColoured = false
    /// Whether what has been kept is wanted.
    var wantsHistory = false
    /// The event after which to go on.
    var lastID: String?

    /// Reads a query.
    ///
    /// - Parameters:
    ///   - query: what follows the `?`.
    ///   - accept: the field `Accept`.
    ///   - lastID: the field `Last-Event-ID`.
    init(query: String?, accept: String?, lastID: String?) throws(BadQuery) {
        if let accept, accept.contains("text/event-stream") { style = .sse }
        self.lastID = lastID
        var types: Set<String> = []
        for item in QueryItem.items(of: query ?? "") {
            let values = item.value.split(separator: ",").map(String.init)
            switch item.name {
            case "type":
                for value in values { types.insert(try Self.type(value)) }
            case "pod": filter.pods += values.map { EventFilter.Pod($0) }
            case "netns":
                for value in values {
                    guard let number = UInt64(value) else {
                        throw BadQuery(message: "netns: '\(value)' is no inode number of a namespace")
                    }
                    filter.namespaces.insert(NamespaceID(rawValue: number))
                }
            case "since":
                filter.since = try Self.time(item.value)
                wantsHistory = true
            case "follow":
                follows = try Self.flag(item)
                if !follows { wantsHistory = true }
            case "colour", "color": isColoured = try Self.flag(item)
            case "format":
                guard let wanted = Style(rawValue: item.value) else {
                    throw BadQuery(message: "format: '\(item.value)' is not one of sse, json, text")
                }
                style = wanted
            default:
                let allowed = ["type", "pod", "netns", "since", "follow", "format", "colour"]
                throw BadQuery(message: NearestName.message(unknown: "parameter", item.name, allowed: allowed))
            }
        }
        if !types.isEmpty { filter.types = types }
    }

    /// Where the client begins to read.
    func cursor(_ stream: EventStream) -> EventCursor {
        if let lastID {
            let parts = lastID.split(separator: "-", maxSplits: 1).map(String.init)
            if parts.count == 2, let number = UInt64(parts[1]), parts[0] == String(stream.epoch, radix: 36),
                number < stream.next
            {
                return EventCursor(stream, filter: filter, from: number + 1)
            }
            // Another run's: whatever this one still has is new to the client.
            return EventCursor(stream, filter: filter, from: stream.oldest)
        }
        return EventCursor(stream, filter: filter, from: wantsHistory ? stream.oldest : stream.next)
    }

    private static func type(_ name: String) throws(BadQuery) -> String {
        let isKnown =
            Catalogue.event(named: name) != nil || Catalogue.eventSets.contains { $0.probe == name.lowercased() }
        guard isKnown else {
            let allowed = Catalogue.events.map(\.name) + Catalogue.eventSets.map { $0.probe }
            throw BadQuery(message: "type: " + NearestName.message(unknown: "event", name, allowed: allowed))
        }
        return name
    }

    private static func flag(_ item: QueryItem) throws(BadQuery) -> Bool {
        switch item.value {
        case "true", "1", "": return true
        case "false", "0": return false
        default: throw BadQuery(message: "\(item.name): '\(item.value)' is neither true nor false")
        }
    }

    /// Nanoseconds since 1970 of `5m` (ago), or of seconds or nanoseconds since 1970.
    private static func time(_ text: String) throws(BadQuery) -> UInt64 {
        if let ago = Duration(shortText: text) { return SystemClock.wall - min(SystemClock.wall, ago.wholeNanoseconds) }
        guard let number = UInt64(text) else {
            throw BadQuery(
                message:
                    "since: '\(text)' is neither a duration such as 90s or 5m nor a time in seconds or nanoseconds "
                    + "since 1970")
        }
        // Seconds have eleven digits for three thousand years, nanoseconds have had nineteen since 2001.
        return number < 100_000_000_000 ? number * 1_000_000_000 : number
    }
}
