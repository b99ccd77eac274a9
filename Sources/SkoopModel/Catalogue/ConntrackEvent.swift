// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What becomes of tracked connections, in every network namespace.
public enum ConntrackEvent: String, EventSet {
    case new = "ConntrackNew"
    case update = "ConntrackUpdate"
    case destroy = "ConntrackDestroy"
    case expectationNew = "ConntrackExpNew"
    case expectationDestroy = "ConntrackExpDestroy"
    case unknown = "ConntrackUnknow"

    public static let probe = ConntrackMetric.probe
    public static let summary = "connections that tracking begins to know, that change, and that it forgets"

    public var definition: EventDefinition {
        switch self {
        case .new:
            Self.connection(
                "a connection is tracked from now on", "NEW",
                "Ordinary. Many to one destination at once may be a client that does not reuse connections, or a scan.")
        case .update:
            Self.connection(
                "a tracked connection has changed: its state, what is known of it, or its mark", "UPDATE",
                "Ordinary; shows how far a connection has come and when the first answer arrived.")
        case .destroy:
            Self.connection(
                "a connection is tracked no longer", "DESTROY",
                "With replied false nobody has ever answered: the destination, or the way to it or back, is broken. With "
                    + "state ESTABLISHED the entry was removed or timed out below a connection that may live on: its next "
                    + "packet is invalid, or goes to another backend.")
        case .expectationNew:
            Self.expectation(
                "a helper expects a further connection, such as the data connection of FTP", "EXP_NEW", "Ordinary.")
        case .expectationDestroy:
            Self.expectation(
                "an expected connection is expected no longer", "EXP_DESTROY",
                "Without a new connection before it, the expected one never came: something blocks it.")
        case .unknown:
            EventDefinition(
                "the kernel tells of tracked connections in a way that is not known here", labels: .entity,
                fields: [EventField("message_type", .integer, "the netlink message's type")],
                source: "multicast groups of nfnetlink (NFNLGRP_CONNTRACK_*)",
                suggests: "The kernel is newer than this program: an update may know more.")
        }
    }

    private static func connection(_ help: String, _ group: String, _ suggests: String) -> EventDefinition {
        EventDefinition(
            help, labels: .entity,
            fields: [
                EventField("state", .string, "the state of a TCP, SCTP or DCCP connection as tracking has it"),
                EventField("replied", .flag, "whether there was a packet of the other direction"),
                EventField("assured", .flag, "whether it is kept when the table is full"),
                EventField("source_nat", .flag, "whether the source is translated"),
                EventField("destination_nat", .flag, "whether the destination is translated, as a service's is"),
                EventField("reply_source", .string, "who answers: of a translated destination, the real one"),
                EventField("reply_source_port", .integer, "the port from which answers come"),
                EventField("reply_destination", .string, "who is answered: of a translated source, the new one"),
                EventField("reply_destination_port", .integer, "the port to which answers go"),
                EventField("status", .list, "the kernel's status bits (IPS_*) by name"),
                EventField("icmp_type", .integer, "of ICMP: the type"),
                EventField("icmp_code", .integer, "of ICMP: the code"),
                EventField("icmp_id", .integer, "of ICMP: the identifier, which tells pings apart"),
                EventField("id", .integer, "the entry's number"),
                EventField("zone", .integer, "the tracking zone, where not 0"),
                EventField("mark", .integer, "the connection's mark, where not 0"),
                EventField("timeout_ns", .duration, "when it is forgotten if no packet comes"),
                EventField("helper", .string, "the helper that watches it, for example ftp"),
                EventField("packets", .integer, "packets from the source, where net.netfilter.nf_conntrack_acct is on"),
                EventField("bytes", .integer, "bytes from the source, likewise"),
                EventField("reply_packets", .integer, "packets to the source, likewise"),
                EventField("reply_bytes", .integer, "bytes to the source, likewise"),
                EventField(
                    "duration_ns", .duration,
                    "how long it was tracked, where net.netfilter.nf_conntrack_timestamp was on when it began"),
                EventField("master", .string, "the connection because of which it was expected"),
            ],
            source: "multicast group NFNLGRP_CONNTRACK_\(group) of nfnetlink", suggests: suggests)
    }

    private static func expectation(_ help: String, _ group: String, _ suggests: String) -> EventDefinition {
        EventDefinition(
            help, labels: .entity,
            fields: [
                EventField("master", .string, "the connection because of which it is expected"),
                EventField("helper", .string, "the helper that expects it, for example ftp"),
                EventField("id", .integer, "the expectation's number"),
                EventField("zone", .integer, "the tracking zone, where not 0"),
                EventField("timeout_ns", .duration, "for how long it is expected"),
            ],
            source: "multicast group NFNLGRP_CONNTRACK_\(group) of nfnetlink", suggests: suggests)
    }
}
