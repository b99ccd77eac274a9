// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Connections and traffic of the node's IPVS: `/proc/net/ip_vs_stats` of the initial network namespace.
///
/// The totals go on where an administrator sets them to zero or loads the module anew.
public struct IPVSProbe: Probe {
    /// Read from procfs only.
    public static let definition = ProbeDefinition(IPVSMetric.self, sources: [.procfs])

    /// Always procfs.
    public let source = SourceChoice(.procfs)
    private let host: ProbeEnvironment.HostPaths
    private var totals = RetainingSum<EntityTable.Index, EntityTable.Index>(width: IPVSMetric.allCases.count)

    private static let missing = ProbeError(
        .missingSubsystem, "IPVS is not in use: /proc/net/ip_vs_stats does not exist, the module ip_vs is not loaded")

    /// Looks for the file in the namespace of process 1.
    ///
    /// - Throws: `.missingSubsystem` where the kernel has no IPVS, or its module is not loaded.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        host = environment.host
        do throws(SystemError) { _ = try FileDescriptor(open: host.proc + "/1/net/ip_vs_stats") } catch {
            guard error.isAbsence else {
                throw ProbeError(error.isDenial ? .missingPrivilege : .unreadable, error.description)
            }
            throw Self.missing
        }
    }

    /// Reads the file of the node's namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        var values: [UInt64]?
        var exists = false
        var buffer = FileBuffer(capacity: 1 << 10)
        let files = NamespaceFiles(host, scrape)
        try files.node(in: Self.definition.name) { directory in
            files.parse("net/ip_vs_stats", in: directory, &buffer) { text in
                exists = true
                values = Self.totals(in: text)
                return values == nil ? 1 : 0
            }
        }
        guard let values else {
            throw exists ? ProbeError(.malformed, "/proc/net/ip_vs_stats has no line of five totals") : Self.missing
        }
        totals.begin()
        totals.add(values.span, of: EntityTable.nodeIndex, to: EntityTable.nodeIndex)
        totals.end()
        return IPVSMetric.allCases.enumerated().map { column, metric in
            var family = Family(metric.metric)
            if let total = totals.total(of: EntityTable.nodeIndex, column: column) { family.append(total) }
            return family
        }
    }

    /// The third line: connections, packets in and out, bytes in and out, hexadecimal; `net/netfilter/ipvs/ip_vs_ctl.c`,
    /// `ip_vs_stats_show()`.
    private static func totals(in text: Span<UInt8>) -> [UInt64]? {
        var lines = ByteScanner(text)
        guard lines.line() != nil, lines.line() != nil, let line = lines.line() else { return nil }
        var fields = ByteScanner(line)
        let values = IPVSMetric.allCases.compactMap { _ in fields.hexadecimal() }
        return values.count == IPVSMetric.allCases.count && fields.token() == nil ? values : nil
    }
}
