// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopProbes

/// What an event says of a tracked connection, in the words of `conntrack -E -o extended,id`: a witness's line and an event
/// of ours can be compared. What belongs to the other direction has `reply-` before it.
struct TrackedConnection: Hashable, CustomStringConvertible {
    private(set) var words: [String: String] = [:]

    var description: String { words.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ") }

    /// The value of a word.
    subscript(word: String) -> String? { words[word] }

    /// Without words whose values two listeners can see differently, or not see.
    func without(_ names: String...) -> TrackedConnection {
        var copy = self
        for name in names { copy.words[name] = nil }
        return copy
    }

    /// A line of the witness; nil for what is none.
    init?(line: some StringProtocol) {
        var tokens = String(line).split(separator: " ").map { String($0) }[...]
        guard let kind = tokens.popFirst(), kind.hasPrefix("["), tokens.count > 6 else { return nil }
        words["kind"] = kind
        tokens = tokens.dropFirst(3)
        words["protocol"] = tokens.popFirst()
        if let timeout = tokens.first.flatMap({ Int($0) }) {
            words["timeout"] = "\(timeout)"
            tokens.removeFirst()
        }
        if let state = tokens.first, !state.contains("="), !state.hasPrefix("[") {
            words["state"] = state
            tokens.removeFirst()
        }
        var direction = ""
        for token in tokens {
            let parts = token.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, !token.hasPrefix("[") else {
                if ["[UNREPLIED]", "[ASSURED]"].contains(token) { words[token] = "" }
                if token == "[start" || token.hasPrefix("[start=") { break }
                continue
            }
            if parts[0] == "src", words["src"] != nil { direction = "reply-" }
            take(parts[0], parts[1], direction)
        }
        // After the times comes the number.
        if let id = tokens.last(where: { $0.hasPrefix("id=") }) { words["id"] = String(id.dropFirst(3)) }
    }

    private mutating func take(_ name: String, _ value: String, _ direction: String) {
        switch name {
        case "src", "dst", "sport", "dport", "packets", "bytes": words[direction + name] = value
        case "type", "code": if direction.isEmpty { words["icmp-" + name] = value }
        case "id" where words["icmp-type"] != nil && words["icmp-id"] == nil: words["icmp-id"] = value
        case "mark" where value != "0", "zone", "helper": words[name] = value
        default: break
        }
    }

    /// An event.
    init(_ event: ProbeEvent) {
        switch event.type {
        case ConntrackEvent.new.type: words["kind"] = "[NEW]"
        case ConntrackEvent.update.type: words["kind"] = "[UPDATE]"
        default: words["kind"] = "[DESTROY]"
        }
        words["timeout"] = event.duration("timeout_ns").map { "\($0 / 1_000_000_000)" }
        words["state"] = event.string("state")
        if event[field: "replied"] == .flag(false) { words["[UNREPLIED]"] = "" }
        if event[field: "assured"] == .flag(true) { words["[ASSURED]"] = "" }
        if let tuple = event.tuple {
            words["protocol"] = "\(tuple.protocolNumber)"
            words["src"] = "\(tuple.source.address)"
            words["dst"] = "\(tuple.destination.address)"
            if tuple.source.port > 0 { words["sport"] = "\(tuple.source.port)" }
            if tuple.destination.port > 0 { words["dport"] = "\(tuple.destination.port)" }
        }
        words["reply-src"] = event.string("reply_source")
        words["reply-dst"] = event.string("reply_destination")
        for (word, field) in [
            ("reply-sport", "reply_source_port"), ("reply-dport", "reply_destination_port"), ("icmp-type", "icmp_type"),
            ("icmp-code", "icmp_code"), ("icmp-id", "icmp_id"), ("id", "id"), ("mark", "mark"), ("zone", "zone"),
            ("packets", "packets"), ("bytes", "bytes"), ("reply-packets", "reply_packets"),
            ("reply-bytes", "reply_bytes"),
        ] {
            guard let number = event.integer(field), number > 0 || !field.hasSuffix("port") else { continue }
            words[word] = "\(number)"
        }
        words["helper"] = event.string("helper")
    }
}
