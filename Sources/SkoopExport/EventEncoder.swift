// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Writes events as JSON after `skoop.event/1`: KubeSkoop's envelope (`timestamp`, `type`, `labels`, `msg`) first, the
/// typed fields after it.
///
/// A value is owned by one thread; keep it, for its memory.
public struct EventEncoder: Sendable {
    private var chunk = ChunkBuffer(chunkSize: 4096)

    /// Makes an encoder.
    public init() {}

    /// An event as one line without its end.
    ///
    /// - Returns: the bytes, UTF-8; valid until the next call.
    public mutating func encode(_ event: Event) -> ArraySlice<UInt8> {
        chunk.removeAll()
        writeEnvelope(event)
        chunk.append(",\"schema\":\"skoop.event/1\"")
        write("probe", event.type.probe)
        write("node", event.node)
        writeEntity(event.entity)
        write("count", event.count)
        write("first", event.timestamp)
        write("last", event.lastTimestamp)
        if let tuple = event.tuple { writeTuple(tuple, of: event) }
        if let process = event.process {
            chunk.append(",\"process\":{\"pid\":")
            write(Int64(process.pid))
            chunk.append(",\"thread\":")
            write(Int64(process.thread))
            write("command", process.command)
            chunk.append("}")
        }
        writeFields(of: event)
        chunk.append("}")
        return chunk.written
    }

    private mutating func writeEnvelope(_ event: Event) {
        write("timestamp", event.timestamp, lead: "{\"")
        write("type", event.type.name)
        if let labels = event.labels {
            var lead = ",\"labels\":["
            for label in labels {
                chunk.append(lead)
                write("name", label.name, lead: "{\"")
                write("value", label.value)
                chunk.append("}")
                lead = ","
            }
            chunk.append("]")
        } else {
            chunk.append(",\"labels\":null")
        }
        write("msg", event.message)
    }

    private mutating func writeEntity(_ entity: Entity) {
        write("kind", entity.kind.rawValue, lead: ",\"entity\":{\"")
        write("netns", entity.namespace.rawValue)
        write("container", entity.container)
        write("k8s_namespace", entity.podNamespace)
        write("k8s_pod", entity.podName)
        chunk.append("}")
    }

    private mutating func writeTuple(_ tuple: PacketTuple, of event: Event) {
        write("protocol", tuple.protocolName, lead: ",\"tuple\":{\"")
        write("protocol_number", UInt64(tuple.protocolNumber))
        for (name, end, peer) in [
            ("source", tuple.source, event.source), ("destination", tuple.destination, event.destination),
        ] {
            chunk.append(",\"\(name)\":{\"address\":\"\(end.address)\"")
            write("port", UInt64(end.port))
            write("type", peer.kind.rawValue)
            write("node", peer.node)
            write("k8s_namespace", peer.namespace)
            write("k8s_pod", peer.pod)
            chunk.append("}")
        }
        chunk.append("}")
    }

    private mutating func writeFields(of event: Event) {
        chunk.append(",\"fields\":{")
        var lead = "\""
        for (field, value) in zip(event.type.fields, event.values) {
            guard let value else { continue }
            switch value {
            case .string(let text): write(field.name, text, lead: lead)
            case .duration(let nanoseconds): write(field.name, nanoseconds, lead: lead)
            case .integer(let number):
                writeName(field.name, lead: lead)
                write(number)
            case .flag(let flag):
                writeName(field.name, lead: lead)
                chunk.append(flag ? "true" : "false")
            case .list(let texts):
                writeName(field.name, lead: lead)
                chunk.append("[")
                for (position, text) in texts.enumerated() {
                    chunk.append(position > 0 ? ",\"" : "\"")
                    chunk.append(text, escaping: .json)
                    chunk.append("\"")
                }
                chunk.append("]")
            }
            lead = ",\""
        }
        chunk.append("}")
    }

    private mutating func writeName(_ name: String, lead: String) {
        chunk.append(lead)
        chunk.append(name, escaping: .json)
        chunk.append("\":")
    }

    private mutating func write(_ name: String, _ value: String, lead: String = ",\"") {
        writeName(name, lead: lead)
        chunk.append("\"")
        chunk.append(value, escaping: .json)
        chunk.append("\"")
    }

    private mutating func write(_ name: String, _ value: UInt64, lead: String = ",\"") {
        writeName(name, lead: lead)
        chunk.append(value)
    }

    private mutating func write(_ value: Int64) {
        if value < 0 { chunk.append("-") }
        chunk.append(value.magnitude)
    }
}
