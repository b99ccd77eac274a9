// SPDX-License-Identifier: Apache-2.0
import SkoopModel

extension Event {
    /// A lost packet of a pod; the number is its time, and goes into a port and the reason.
    static func loss(_ number: UInt64 = 1, pod: String = "web-1", node: String = "worker", version: Int = 4) -> Event {
        func end(_ low: UInt32, port: UInt16) -> PacketTuple.End {
            let v6 = IPAddress(v6: UInt128(0x2001_0db8) << 96 | UInt128(low))
            return .init(version == 4 ? IPAddress(v4: 0x0a00_0000 | low) : v6, port: port)
        }
        var event = Event(
            type: PacketlossEvent.packetLoss.type, timestamp: number, node: node,
            entity: Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_531_840), container: "", podNamespace: "shop",
                podName: pod),
            tuple: PacketTuple(
                protocolNumber: 17, source: end(1, port: UInt16(truncatingIfNeeded: number) | 1),
                destination: end(2, port: 53)),
            source: Peer(kind: .pod, namespace: "shop", pod: pod), destination: Peer(kind: .node, node: "dns-node"),
            process: EventProcess(pid: 12, thread: 34, command: "curl"),
            values: [.string("NO_SOCKET"), .string("udp_rcv+0x12"), .list(["one", "two\"\n"])],
            message: "packetloss \"quoted\" \u{1} ünïcode")
        event.count = 3
        event.lastTimestamp = number + 5
        return event
    }

    /// A late softirq of the node, without ends.
    static func softirq(_ number: UInt64 = 1, node: String = "worker") -> Event {
        Event(
            type: SoftirqEvent.allCases[0].type, timestamp: number, node: node,
            entity: Entity(kind: .node, namespace: NamespaceID(rawValue: 4_026_531_840)),
            values: [.string("net_rx"), .integer(1), .duration(12_345_678)])
    }
}
