// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem

/// Writes `ExportLogsServiceRequest` of OTLP (opentelemetry-proto 1.5), a resource for each entity.
///
/// Attributes have the names of the semantic conventions where those have one, others begin with `skoop.`.
struct OTLPLogs: Sendable {
    /// The time of day, in nanoseconds since 1970.
    var now: @Sendable () -> UInt64 = { SystemClock.wall }
    private let serviceName: String
    private let attributes: [(name: String, value: String)]

    /// Every event is something that should not be: `SEVERITY_NUMBER_WARN`.
    private static let severity: (number: UInt64, text: String) = (13, "WARN")

    /// What tells one resource from another.
    private struct ResourceKey: Hashable {
        var entity: Entity
        var node: String
    }

    /// - Parameter attributes: more of every resource.
    init(serviceName: String, attributes: [(name: String, value: String)] = []) {
        self.serviceName = serviceName
        self.attributes = attributes
    }

    /// The body for the first events, as many as fit, and their number, at least one.
    func encode(_ events: ArraySlice<Event>, upTo limit: Int) -> (body: [UInt8], count: Int) {
        let observed = now()
        var resources: [ResourceKey: [[UInt8]]] = [:]
        var order: [ResourceKey] = []
        var size = 0
        var count = 0
        for event in events {
            let record = record(event, observed)
            if count > 0, size + record.count > limit { break }
            count += 1
            size += record.count
            let key = ResourceKey(entity: event.entity, node: event.node)
            if resources[key] == nil {
                order.append(key)
                // About what a resource takes.
                size += 256
            }
            resources[key, default: []].append(record)
        }
        var writer = ProtobufWriter()
        for key in order {
            writer.add(1) { logs in
                logs.add(1) { resource(key, &$0) }
                logs.add(2) { scope in
                    scope.add(1) { $0.add(1, "skoop") }
                    for record in resources[key] ?? [] { scope.add(2, record) }
                }
            }
        }
        return (writer.bytes, count)
    }

    private func resource(_ key: ResourceKey, _ resource: inout ProtobufWriter) {
        let entity = key.entity
        resource.attribute("service.name", serviceName)
        resource.attribute("host.name", key.node)
        if entity.kind == .pod {
            resource.attribute("k8s.node.name", key.node)
            resource.attribute("k8s.namespace.name", entity.podNamespace)
            resource.attribute("k8s.pod.name", entity.podName)
        } else {
            resource.attribute("skoop.entity.name", entity.podName)
        }
        resource.attribute("container.id", entity.container)
        resource.attribute("skoop.entity.kind", entity.kind.rawValue)
        resource.attribute("skoop.netns", .integer(Int64(clamping: entity.namespace.rawValue)))
        for (name, value) in attributes { resource.attribute(name, value) }
    }

    private func record(_ event: Event, _ observed: UInt64) -> [UInt8] {
        var record = ProtobufWriter()
        record.add(1, fixed: event.timestamp)
        record.add(2, Self.severity.number)
        record.add(3, Self.severity.text)
        let text = event.message.isEmpty ? event.type.help : event.message
        record.add(5) { $0.add(1, text) }
        attributes(of: event) { name, value in record.attribute(name, value, field: 6) }
        record.add(11, fixed: observed)
        record.add(12, event.type.name)
        return record.bytes
    }

    private func attributes(of event: Event, _ add: (String, EventValue) -> Void) {
        // Beside the record's own `event_name`, which receivers do not know yet.
        add("skoop.event.type", .string(event.type.name))
        add("skoop.event.probe", .string(event.type.probe))
        add("skoop.event.count", .integer(Int64(clamping: event.count)))
        add("skoop.event.last_unix_nano", .integer(Int64(clamping: event.lastTimestamp)))
        if let tuple = event.tuple {
            switch tuple.protocolNumber {
            case 6, 17: add("network.transport", .string(tuple.protocolName.lowercased()))
            default: add("network.protocol.name", .string(tuple.protocolName.lowercased()))
            }
            add("network.type", .string(tuple.source.address.version == .v4 ? "ipv4" : "ipv6"))
            for (name, end, peer) in [
                ("source", tuple.source, event.source), ("destination", tuple.destination, event.destination),
            ] {
                add("\(name).address", .string(end.address.description))
                if end.port > 0 { add("\(name).port", .integer(Int64(end.port))) }
                add("skoop.\(name).type", .string(peer.kind.rawValue))
                for (part, text) in [("node", peer.node), ("namespace", peer.namespace), ("pod", peer.pod)] {
                    if !text.isEmpty { add("skoop.\(name).\(part)", .string(text)) }
                }
            }
        }
        if let process = event.process {
            add("process.pid", .integer(Int64(process.pid)))
            add("thread.id", .integer(Int64(process.thread)))
            add("thread.name", .string(process.command))
        }
        for (field, value) in zip(event.type.fields, event.values) {
            guard let value else { continue }
            let isQuestion = event.type.probe == "dns" && field.name == "name"
            add(isQuestion ? "dns.question.name" : "skoop.\(field.name)", value)
        }
    }
}

extension ProtobufWriter {
    /// Writes a text as `KeyValue`; an empty one is left out.
    fileprivate mutating func attribute(_ name: String, _ text: String) {
        if !text.isEmpty { attribute(name, .string(text)) }
    }

    /// Writes a `KeyValue`.
    ///
    /// - Parameter field: the number of the field `attributes` in the message around it.
    fileprivate mutating func attribute(_ name: String, _ value: EventValue, field: Int = 1) {
        add(field) { pair in
            pair.add(1, name)
            pair.add(2) { $0.anyValue(value) }
        }
    }

    private mutating func anyValue(_ value: EventValue) {
        switch value {
        case .string(let text): add(1, text)
        case .flag(let flag): addAlways(2, flag ? 1 : 0)
        case .integer(let number): addAlways(3, UInt64(bitPattern: number))
        case .duration(let nanoseconds): addAlways(3, nanoseconds)
        case .list(let texts):
            add(5) { array in
                for text in texts { array.add(1) { $0.add(1, text) } }
            }
        }
    }
}
