// SPDX-License-Identifier: Apache-2.0
import SkoopExport
public import SkoopModel

/// Reads events from JSON: this package's own (`skoop.event/1`) and KubeSkoop's envelope.
public enum EventLine {
    /// Why a line is no event.
    public enum Mistake: Error, Sendable, Hashable {
        /// It is an event, of a type that the catalogue does not know.
        case unknownType(String)
        /// It is none, and why.
        case malformed(String)
    }

    /// Reads an event.
    ///
    /// KubeSkoop names both ends of a packet and not whose the event is: it is given to the source where that is a pod,
    /// else to the destination where that is one, else to the node.
    ///
    /// - Parameters:
    ///   - bytes: a JSON text.
    ///   - node: the node's name, where the event does not say it.
    public static func read(_ bytes: some Collection<UInt8>, node: String = "") throws(Mistake) -> Event {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: bytes) } catch { throw .malformed("no JSON: \(error)") }
        guard json.members != nil else { throw .malformed("an event is a JSON object") }
        guard let name = json["type"]?.string else { throw .malformed("an event has a member type, a string") }
        guard let time = json["timestamp"]?.unsigned else {
            throw .malformed("an event has a member timestamp, nanoseconds since 1970")
        }
        guard times.contains(time) else { throw .malformed("the timestamp \(time) is not of this century; \(allowed)") }
        guard let type = Catalogue.event(named: name) else { throw .unknownType(name) }
        if let schema = json["schema"] {
            guard schema.string == "skoop.event/1" else {
                throw .malformed(
                    "the schema is not skoop.event/1 but \(schema.string.map { "'\($0)'" } ?? "no string")")
            }
            return try own(json, type, time)
        }
        return try envelope(json, type, time, node: node)
    }

    /// Events of other times are made up, and would have to be looked at for all the time between.
    private static let times = 946_684_800_000_000_000...4_102_444_800_000_000_000 as ClosedRange<UInt64>
    private static let allowed = "it is in nanoseconds since 1970"
    /// No kernel sees more in the life of a machine.
    private static let mostTimes: UInt64 = 1_000_000_000_000_000

    private static func own(_ json: JSONValue, _ type: EventType, _ time: UInt64) throws(Mistake) -> Event {
        guard let node = json["node"]?.string, let entity = json["entity"].flatMap(Entity.init(json:)) else {
            throw .malformed("an event of skoop.event/1 has the members node and entity")
        }
        var event = Event(type: type, timestamp: time, node: node, entity: entity)
        event.lastTimestamp = max(time, json["last"]?.unsigned ?? time)
        event.count = max(1, json["count"]?.unsigned ?? 1)
        guard times.contains(event.lastTimestamp) else {
            throw .malformed("the member last, \(event.lastTimestamp), is not of this century; \(allowed)")
        }
        guard event.count <= mostTimes else { throw .malformed("nothing happens \(event.count) times") }
        event.message = json["msg"]?.string ?? ""
        if let tuple = json["tuple"] {
            guard let number = tuple["protocol_number"]?.unsigned.flatMap(UInt8.init(exactly:)),
                let (source, from) = tuple["source"].flatMap(end),
                let (destination, to) = tuple["destination"].flatMap(end)
            else { throw .malformed("a tuple has protocol_number, source and destination") }
            event.tuple = PacketTuple(protocolNumber: number, source: source, destination: destination)
            event.source = from
            event.destination = to
        }
        if let process = json["process"], let pid = process["pid"]?.signed.flatMap(Int32.init(exactly:)) {
            event.process = EventProcess(
                pid: pid, thread: process["thread"]?.signed.flatMap(Int32.init(exactly:)) ?? pid,
                command: process["command"]?.string ?? "")
        }
        event.values = type.fields.map { field in json["fields"]?[field.name].flatMap { value(of: field.form, $0) } }
        return event
    }

    private static func value(of form: EventField.Form, _ json: JSONValue) -> EventValue? {
        switch form {
        case .string: json.string.map { .string($0) }
        case .integer: json.signed.map { .integer($0) }
        case .duration: json.unsigned.map { .duration($0) }
        case .flag: json.flag.map { .flag($0) }
        case .list: json.elements.map { .list($0.compactMap(\.string)) }
        }
    }

    private static func end(_ json: JSONValue) -> (PacketTuple.End, Peer)? {
        guard let address = json["address"]?.string.flatMap({ IPAddress($0) }),
            let port = json["port"]?.unsigned.flatMap(UInt16.init(exactly:))
        else { return nil }
        let kind = json["type"]?.string.flatMap(Peer.Kind.init(rawValue:)) ?? .unknown
        let peer = Peer(
            kind: kind, node: json["node"]?.string ?? "", namespace: json["k8s_namespace"]?.string ?? "",
            pod: json["k8s_pod"]?.string ?? "")
        return (PacketTuple.End(address, port: port), peer)
    }

    private static func envelope(
        _ json: JSONValue, _ type: EventType, _ time: UInt64, node: String
    ) throws(Mistake) -> Event {
        var labels: [String: String] = [:]
        for label in json["labels"]?.elements ?? [] {
            guard let name = label["name"]?.string, let value = label["value"]?.string else {
                throw .malformed("a label has the members name and value, both strings")
            }
            labels[name] = value
        }
        var event = Event(
            type: type, timestamp: time, node: labels["node"].flatMap { $0.isEmpty ? nil : $0 } ?? node,
            entity: Entity(podNamespace: labels["namespace"] ?? "", podName: labels["pod"] ?? ""))
        event.message = json["msg"]?.string ?? ""
        event.values = type.fields.map { field in
            field.form == .string ? labels[field.name].map { .string($0) } : nil
        }
        guard type.labels == .tuple else { return event }
        event.source = peer("src", labels)
        event.destination = peer("dst", labels)
        if let source = labels["src"].flatMap({ IPAddress($0) }),
            let destination = labels["dst"].flatMap({ IPAddress($0) })
        {
            let numbers: [String: UInt8] = ["ICMP": 1, "TCP": 6, "UDP": 17, "ICMP6": 58]
            event.tuple = PacketTuple(
                protocolNumber: numbers[labels["protocol"] ?? ""] ?? 0,
                source: .init(source, port: labels["sport"].flatMap { UInt16($0) } ?? 0),
                destination: .init(destination, port: labels["dport"].flatMap { UInt16($0) } ?? 0))
        }
        let ends = [event.source, event.destination]
        if let pod = ends.first(where: { $0.kind == .pod }) {
            event.entity = Entity(podNamespace: pod.namespace, podName: pod.pod)
        }
        if event.node.isEmpty, let host = ends.first(where: { $0.kind == .node }) { event.node = host.node }
        return event
    }

    private static func peer(_ end: String, _ labels: [String: String]) -> Peer {
        let kind = labels[end + "_type"].flatMap(Peer.Kind.init(rawValue:)) ?? .unknown
        return Peer(
            kind: kind, node: labels[end + "_node"] ?? "", namespace: labels[end + "_namespace"] ?? "",
            pod: labels[end + "_pod"] ?? "")
    }
}

extension Entity {
    /// An entity as `snapshot-1.json` and `event-1.json` have it.
    init?(json: JSONValue) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)), let number = json["netns"]?.unsigned else {
            return nil
        }
        self.init(
            kind: kind, namespace: NamespaceID(rawValue: number), container: json["container"]?.string ?? "",
            podNamespace: json["k8s_namespace"]?.string ?? "", podName: json["k8s_pod"]?.string ?? "")
    }
}
