// SPDX-License-Identifier: Apache-2.0

/// The probes of this module.
public enum ProbeRegistry {
    /// All probe types by file name; the build writes the list from the folder `Probes/`.
    public static var all: [any Probe.Type] { probeTypes }

    /// The probes that run when nobody says which: the ten of the ACK document, then softnet, ip and ipvs.
    public static let defaultNames = [
        "conntrack", "qdisc", "netdev", "io", "sock", "tcpsummary", "tcp", "tcpext", "udp", "rdma", "softnet", "ip",
        "ipvs",
    ]

    /// The probes whose events are reported when nobody says which: lost packets and broken connections, at little cost.
    public static var defaultEventNames: [String] {
        ["packetloss", "tcpretrans", "tcpreset"].filter { probe(named: $0)?.definition.events.isEmpty == false }
    }

    /// The probe of a name or an old spelling of it.
    public static func probe(named name: String) -> (any Probe.Type)? {
        all.first { $0.definition.name == name } ?? all.first { $0.definition.aliases.contains(name) }
    }

    /// The message for a name that no probe has.
    public static func unknownProbe(_ name: String) -> String {
        "unknown probe '\(name)', allowed: " + all.map { $0.definition.name }.sorted().joined(separator: ", ")
    }
}
