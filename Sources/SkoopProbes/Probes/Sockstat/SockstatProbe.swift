// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Sockets and fragments of every network namespace: what `/proc/<pid>/net/sockstat` and `sockstat6` have of each.
public struct SockstatProbe: Probe {
    /// Read from procfs only.
    public static let definition = ProbeDefinition(SockstatMetric.self, sources: [.procfs])

    /// Always procfs.
    public let source = SourceChoice(.procfs)
    private let host: ProbeEnvironment.HostPaths

    private static let fields = SockstatMetric.allCases.map(\.field)

    /// Needs nothing that could be missing.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) { host = environment.host }

    /// Reads two files per namespace, some 20 microseconds each.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let census = scrape.census
        var families = SockstatMetric.allCases.map { Family($0.metric, reserving: census.inventory.namespaces.count) }
        var buffer = FileBuffer(capacity: 1 << 10)
        let files = NamespaceFiles(host, scrape)
        files.forEach { position, directory in
            guard let entity = census.entityOfNamespace[census.inventory.namespaces[position].id] else { return }
            for name in ["sockstat", "sockstat6"] {
                files.parse("net/" + name, in: directory, &buffer) { text in
                    SockstatField.parse(text, Self.fields) { families[$0].append($1, for: entity) }
                }
            }
        }
        return families
    }
}

extension SockstatMetric {
    fileprivate var field: SockstatField {
        switch self {
        case .socketsUsed: SockstatField("sockets:", "used")
        case .tcpInuse: SockstatField("TCP:", "inuse")
        case .tcpTimeWait: SockstatField("TCP:", "tw")
        case .udpInuse: SockstatField("UDP:", "inuse")
        case .udpliteInuse: SockstatField("UDPLITE:", "inuse")
        case .rawInuse: SockstatField("RAW:", "inuse")
        case .fragInuse: SockstatField("FRAG:", "inuse")
        case .fragMemory: SockstatField("FRAG:", "memory")
        case .tcp6Inuse: SockstatField("TCP6:", "inuse")
        case .udp6Inuse: SockstatField("UDP6:", "inuse")
        case .udplite6Inuse: SockstatField("UDPLITE6:", "inuse")
        case .raw6Inuse: SockstatField("RAW6:", "inuse")
        case .frag6Inuse: SockstatField("FRAG6:", "inuse")
        case .frag6Memory: SockstatField("FRAG6:", "memory")
        }
    }
}
