// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopModel

/// Writes events for people: a line for each, in local time, coloured where a terminal shows it.
public struct EventText: Sendable {
    private enum Colour: String {
        case dim = "2"
        case bold = "1"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    private let isColoured: Bool
    /// The widths that columns have had, so that lines come to stand below each other.
    private var widths = [12, 8]

    /// Makes one.
    public init(isColoured: Bool = false) { self.isColoured = isColoured }

    /// An event as one line without its end; what a terminal would obey is escaped.
    public mutating func line(_ event: Event) -> String {
        var parts = [
            painted(time(event.timestamp), .dim), column(0, event.type.name, colour(of: event.type)),
            column(1, name(of: event), .green),
        ]
        if let tuple = event.tuple {
            parts.append(tuple.protocolName)
            parts.append(
                "\(end(tuple.source, event.source)) \(painted("→", .dim)) \(end(tuple.destination, event.destination))")
        }
        for (field, value) in zip(event.type.fields, event.values) {
            guard let text = value.flatMap(Self.text) else { continue }
            let name = field.form == .duration ? String(field.name.dropLast("_ns".count)) : field.name
            parts.append(painted(name + "=", .dim) + text)
        }
        if let process = event.process { parts.append(painted("\(Self.safe(process.command))[\(process.pid)]", .dim)) }
        if event.count > 1 { parts.append(painted("×\(event.count)", .bold)) }
        return parts.joined(separator: " ")
    }

    private mutating func column(_ number: Int, _ text: String, _ colour: Colour) -> String {
        let text = Self.safe(text)
        // One long name must not push everything else aside for ever.
        widths[number] = max(widths[number], min(text.count, 32))
        return painted(text, colour) + String(repeating: " ", count: max(0, widths[number] - text.count))
    }

    private func painted(_ text: String, _ colour: Colour) -> String {
        isColoured ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }

    private func colour(of type: EventType) -> Colour {
        switch type.probe {
        case "packetloss", "tcpreset", "connect": .red
        case "tcpretrans", "dns": .yellow
        default: .cyan
        }
    }

    private func name(of event: Event) -> String {
        switch event.entity.kind {
        case .node: "node \(event.node)"
        default: Self.joined(event.entity.podNamespace, event.entity.podName)
        }
    }

    private func end(_ end: PacketTuple.End, _ peer: Peer) -> String {
        let address = end.address.version == .v6 && end.port > 0 ? "[\(end.address)]" : "\(end.address)"
        let place = end.port > 0 ? "\(address):\(end.port)" : address
        // That one is the host's own, the address says itself, and whose host it is the line has said.
        if end.address.unmapped.isLoopback { return place }
        let owner: String? =
            switch peer.kind {
            case .pod, .service: Self.joined(peer.namespace, peer.pod)
            case .node: "node \(peer.node)"
            case .unknown: nil
            }
        return owner.map { "\(place) \(painted("(" + Self.safe($0) + ")", .dim))" } ?? place
    }

    private func time(_ nanoseconds: UInt64) -> String {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var parts = tm()
        unsafe localtime_r(&seconds, &parts)
        func digits(_ value: Int, _ width: Int) -> String {
            let text = "\(value)"
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits(Int($0), 2) }.joined(separator: ":")
        return "\(clock).\(digits(Int(nanoseconds / 1_000_000 % 1000), 3))"
    }

    /// A value as people write it; nil for lists, which do not fit on a line.
    private static func text(_ value: EventValue) -> String? {
        switch value {
        case .list: nil
        case .duration(let nanoseconds): duration(nanoseconds)
        case .string(let text): safe(text)
        case .integer, .flag: value.text
        }
    }

    private static func duration(_ nanoseconds: UInt64) -> String {
        let units: [(size: UInt64, name: String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "us")]
        guard let unit = units.first(where: { nanoseconds >= $0.size }) else { return "\(nanoseconds)ns" }
        let tenths = nanoseconds / (unit.size / 10)
        return "\(tenths / 10).\(tenths % 10)\(unit.name)"
    }

    private static func joined(_ namespace: String, _ name: String) -> String {
        namespace.isEmpty ? name : "\(namespace)/\(name)"
    }

    private static func safe(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            let isControl = scalar.properties.generalCategory == .control
            result += isControl ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}
