// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Sockets and fragments of every network namespace: what `/proc/<pid>/net/sockstat` and `sockstat6` have of each.
///
/// The one pass reads the kernel's counts of all namespaces at once; the files cost an open and a read in each.
public struct SockstatProbe: Probe {
    /// The one pass first, then procfs.
    public static let definition = ProbeDefinition(SockstatMetric.self, sources: [.onePass, .procfs])

    /// The source in use.
    public let source: SourceChoice
    private let host: ProbeEnvironment.HostPaths
    private let pass: SockstatPass?

    private static let fields = SockstatMetric.allCases.map(\.field)

    /// Chooses the source. The one pass needs CAP_NET_RAW too, for it learns from a raw socket where those are counted.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        let host = environment.host
        var pass: SockstatPass?
        source = try environment.choose(.onePass, orElse: .procfs) { () throws(ProbeError) in
            pass = try Self.checkedPass(host)
        }
        self.pass = pass
        self.host = host
    }

    private static func checkedPass(_ host: ProbeEnvironment.HostPaths) throws(ProbeError) -> SockstatPass {
        let own = try Scrape.ofOwnNamespace(proc: host.proc)
        func show() throws(ProbeError) -> SockstatPass.Reading {
            var shown: SockstatPass.Reading = [:]
            readFiles(own, host) { position, value, _ in shown[SockstatMetric.allCases[position]] = value }
            guard !shown.isEmpty else {
                throw ProbeError(.unreadable, "\(host.proc)/net/sockstat cannot be read for comparison")
            }
            return shown
        }
        let pass = try SockstatPass(Set(try show().keys), sys: host.sys)
        try pass.compare(of: own.census.inventory.nodeNamespace, with: show)
        return pass
    }

    /// Reads every namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let census = scrape.census
        var families = SockstatMetric.allCases.map { Family($0.metric, reserving: census.inventory.namespaces.count) }
        guard let pass else {
            Self.readFiles(scrape, host) { families[$0].append($1, for: $2) }
            return families
        }
        try pass.read { namespace, value in
            guard let entity = census.entityOfNamespace[namespace] else { return }
            for (position, metric) in SockstatMetric.allCases.enumerated() {
                if let value = value(metric) { families[position].append(value, for: entity) }
            }
        }
        return families
    }

    /// Reads two files per namespace, some 20 microseconds each.
    private static func readFiles(
        _ scrape: Scrape, _ host: ProbeEnvironment.HostPaths, _ body: (Int, UInt64, EntityTable.Index) -> Void
    ) {
        let census = scrape.census
        var buffer = FileBuffer(capacity: 1 << 10)
        let files = NamespaceFiles(host, scrape)
        files.forEach { position, directory in
            guard let entity = census.entityOfNamespace[census.inventory.namespaces[position].id] else { return }
            for name in ["sockstat", "sockstat6"] {
                files.parse("net/" + name, in: directory, &buffer) { text in
                    SockstatField.parse(text, Self.fields) { body($0, $1, entity) }
                }
            }
        }
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
