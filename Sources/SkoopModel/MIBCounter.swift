// SPDX-License-Identifier: Apache-2.0

/// One value of the kernel's SNMP tables, named for whoever reads it: by its spelling in `/proc`, or by where the
/// kernel keeps it.
public struct MIBCounter: Sendable, Hashable {
    /// The tables, named as the lines of `/proc/net/snmp` and `netstat` or the prefixes of `snmp6` begin.
    public enum Table: String, Sendable, Hashable, CaseIterable {
        /// `Ip:` of snmp.
        case ip = "Ip"
        /// `Icmp:` of snmp.
        case icmp = "Icmp"
        /// `Tcp:` of snmp; both IP versions.
        case tcp = "Tcp"
        /// `Udp:` of snmp.
        case udp = "Udp"
        /// `TcpExt:` of netstat; both IP versions.
        case tcpExt = "TcpExt"
        /// `IpExt:` of netstat.
        case ipExt = "IpExt"
        /// `Ip6…` of snmp6.
        case ip6 = "Ip6"
        /// `Icmp6…` of snmp6.
        case icmp6 = "Icmp6"
        /// `Udp6…` of snmp6.
        case udp6 = "Udp6"

        /// The file below `/proc/<pid>/net` that shows the table.
        public var file: String {
            switch self {
            case .ip, .icmp, .tcp, .udp: "snmp"
            case .tcpExt, .ipExt: "netstat"
            case .ip6, .icmp6, .udp6: "snmp6"
            }
        }
    }

    /// Where the kernel keeps the value.
    public enum Place: Sendable, Hashable {
        /// At this enumerator of `include/uapi/linux/snmp.h` in the table's `struct net` member; its number depends on the kernel.
        case enumerator(String)
        /// In `icmpmsg_statistics` or `icmpv6msg_statistics`, at the message type, plus 256 for sent messages.
        case message(type: UInt8, sent: Bool)
        /// No counter: a setting that `/proc` shows among the counters.
        case setting(String)
    }

    /// The table.
    public var table: Table
    /// The spelling in `/proc` without the table's prefix: `ListenDrops`; `InReceives` for `Ip6InReceives`.
    public var field: String
    /// Where the kernel keeps it.
    public var place: Place

    /// Makes the name of a counter.
    public init(_ table: Table, _ field: String, _ place: Place) {
        self.table = table
        self.field = field
        self.place = place
    }

    /// The line for ``Metric/source``.
    var source: String {
        let kept =
            switch place {
            case .enumerator(let name): name
            case .message(let type, let sent):
                "\(table == .icmp6 ? "icmpv6msg" : "icmpmsg")_statistics, type \(type)\(sent ? " + 256" : "")"
            case .setting(let name): name
            }
        return
            "/proc/net/\(table.file) \(table.file == "snmp6" ? table.rawValue + field : "\(table.rawValue): \(field)") (\(kept))"
    }
}

extension MetricDefinition {
    /// A counter of the kernel's SNMP tables: as ``counter(_:name:unit:decimals:labels:source:rise:correction:aliases:)``,
    /// the source derived from `mib`.
    public static func counter(
        _ help: String, name: String = "", unit: Metric.Unit = .none, mib: MIBCounter, rise: String,
        correction: String? = nil, aliases: [Metric.Alias] = []
    ) -> MetricDefinition {
        var definition = counter(
            help, name: name, unit: unit, source: mib.source, rise: rise, correction: correction, aliases: aliases)
        definition.mib = mib
        return definition
    }

    /// A level shown among the kernel's SNMP counters.
    public static func gauge(
        _ help: String, name: String = "", unit: Metric.Unit = .none, mib: MIBCounter, rise: String,
        correction: String? = nil, aliases: [Metric.Alias] = []
    ) -> MetricDefinition {
        var definition = counter(
            help, name: name, unit: unit, mib: mib, rise: rise, correction: correction, aliases: aliases)
        definition.template.kind = .gauge
        return definition
    }
}

extension MetricSet {
    /// The SNMP counter behind the metric, `nil` where it is none.
    public var mib: MIBCounter? { definition.mib }
}
