// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// One counter of the kernel's SNMP tables.
public struct MIBField: Sendable, Hashable {
    /// The tables, named as the line prefixes of `/proc/net/snmp` and `netstat` or the prefix of `snmp6`.
    public enum Group: String, Sendable, Hashable, CaseIterable {
        /// `Ip:` of snmp.
        case ip = "Ip"
        /// `Icmp:` of snmp.
        case icmp = "Icmp"
        /// `Tcp:` of snmp.
        case tcp = "Tcp"
        /// `Udp:` of snmp.
        case udp = "Udp"
        /// `TcpExt:` of netstat.
        case tcpExt = "TcpExt"
        /// `IpExt:` of netstat.
        case ipExt = "IpExt"
        /// `Ip6…` of snmp6.
        case ip6 = "Ip6"
        /// `Icmp6…` of snmp6.
        case icmp6 = "Icmp6"
        /// `Udp6…` of snmp6.
        case udp6 = "Udp6"
    }
    /// The table.
    public var group: Group
    /// The spelling in `/proc`, without the group prefix: `ListenDrops`; for snmp6 `InReceives` of `Ip6InReceives`.
    public var name: String

    /// Makes a field.
    public init(_ group: Group, _ name: String) {
        self.group = group
        self.name = name
    }
}

/// The wanted counters of all namespaces.
public struct MIBTable: Sendable {
    /// The counters, the columns.
    public var fields: [MIBField]
    /// Whether the running kernel has each column.
    public var available: [Bool]
    /// The namespaces, the rows.
    public var namespaces: [NamespaceID]
    /// Row by row, `fields.count` values each.
    public var values: [UInt64]

    /// Makes an empty table of the given columns.
    public init(fields: [MIBField]) {
        self.fields = fields
        self.available = Array(repeating: false, count: fields.count)
        self.namespaces = []
        self.values = []
    }
}
