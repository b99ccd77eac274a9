// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// TCP sockets and their memory on the node: `/proc/net/sockstat` and `sockstat6` of the initial network namespace.
///
/// Orphans, allocations and memory exist once in the kernel, for all namespaces together; sockets in use and in
/// TIME_WAIT are those of the node's own namespace. For the other namespaces see ``SockstatProbe``.
public struct SockProbe: Probe {
    /// Read from procfs only.
    public static let definition = ProbeDefinition(SockMetric.self, sources: [.procfs])

    /// Always procfs.
    public let source = SourceChoice(.procfs)
    private let host: ProbeEnvironment.HostPaths
    private let files = [NodeFile("sockstat"), NodeFile("sockstat6")]

    private static let fields = SockMetric.allCases.map(\.field) + [SockstatField("TCP6:", "inuse")]

    /// Needs nothing that could be missing.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) { host = environment.host }

    /// Reads the two files of the node's namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var values = [UInt64?](repeating: nil, count: Self.fields.count)
        for file in files {
            try file.parse(host, scrape, for: Self.definition.name) { text in
                SockstatField.parse(text, Self.fields) { values[$0] = $1 }
            }
        }
        // The one value that KubeSkoop, too, adds up over both IP versions.
        if let inuse6 = values.removeLast() { values[0] = values[0].map { $0 &+ inuse6 } }
        return zip(SockMetric.allCases, values).map { metric, value in
            var family = Family(metric.metric)
            if let value { family.append(value) }
            return family
        }
    }
}

extension SockMetric {
    fileprivate var field: SockstatField {
        switch self {
        case .inuse: SockstatField("TCP:", "inuse")
        case .orphan: SockstatField("TCP:", "orphan")
        case .tw: SockstatField("TCP:", "tw")
        case .alloc: SockstatField("TCP:", "alloc")
        case .mem: SockstatField("TCP:", "mem")
        }
    }
}
