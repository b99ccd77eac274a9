// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel

/// The forms in which KubeSkoop's messages give values.
enum MessageText {
    /// A latency: whole milliseconds, below them microseconds, below them nanoseconds.
    static func duration(_ nanoseconds: UInt64) -> String {
        if nanoseconds > 1_000_000 { return "\(nanoseconds / 1_000_000) ms" }
        if nanoseconds > 1000 { return "\(nanoseconds / 1000) us" }
        return "\(nanoseconds) ns"
    }

    /// The ends of a packet or connection, with a space after them; empty where there are none.
    static func ends(_ tuple: PacketTuple?) -> String {
        guard let tuple else { return "" }
        let (source, destination) = (tuple.source, tuple.destination)
        return "protocol=\(tuple.protocolName) saddr=\(source.address) sport=\(source.port) "
            + "daddr=\(destination.address) dport=\(destination.port) "
    }
}
