// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Connection tracking of every namespace: entries, limit, and what failed.
///
/// A namespace without rules that need tracking counts nothing, and its values are zero. `ignore` is not counted from
/// Linux 5.10 on and `clash_resolve` not before; what the running kernel does not count is left out, for zero would claim
/// that it had not happened.
///
/// The one pass reads the kernel's structures for all namespaces. Netlink asks each namespace on a walk of this probe's
/// own: netfilter has its own locks, and neither this probe nor the devices' shall wait for the other's. Where namespaces
/// cannot be entered, `/proc/<pid>/net/stat/nf_conntrack` gives the same counters.
///
/// Where events are wanted, a netlink socket in every namespace hears of connections as they begin and end.
public struct ConntrackProbe: Probe {
    /// The one pass first, then netlink, then `/proc/<pid>/net/stat/nf_conntrack`.
    public static let definition = ProbeDefinition(
        ConntrackMetric.self, ConntrackExtraMetric.self, ConntrackEventMetric.self, events: ConntrackEvent.self,
        sources: [.onePass, .netlink, .procfs], arguments: [ConntrackKind.argument, ConntrackEvents.receiveBuffer])

    private typealias Row = (key: NamespaceKey, entity: EntityTable.Index, reading: ConntrackReading?)

    /// The source in use.
    public let source: SourceChoice
    private let host: ProbeEnvironment.HostPaths
    private let walker: NamespaceWalker
    private let pass: ConntrackPass?
    private let events: ConntrackEvents?
    private var requests = ConntrackRequests()
    private var tallies: [NamespaceKey: ConntrackTally] = [:]

    /// Chooses the source.
    ///
    /// - Throws: `missingSubsystem` where connection tracking is not in the kernel or its module not loaded. The request
    ///   alone would load it, which is not for an observer to do.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        host = environment.host
        let limit = host.proc + "/sys/net/netfilter/nf_conntrack_max"
        guard access(limit, F_OK) == 0 else {
            throw ProbeError(.missingSubsystem, "no connection tracking: \(limit) does not exist")
        }
        let shortcuts = environment.readers.shared { NamespaceShortcuts() }
        walker = NamespaceWalker(procRoot: host.proc, shortcuts: shortcuts)
        var pass: ConntrackPass?
        var source = try environment.choose(Self.definition.sources) { source throws(ProbeError) in
            switch source {
            case .onePass: pass = try Self.checkedPass(environment.host)
            case .netlink: try Self.checkNetlink()
            default: break
            }
        }
        self.pass = source.source == .onePass ? pass : nil
        events = ConntrackEvents(environment, &source)
        self.source = source
    }

    private static func checkedPass(_ host: ProbeEnvironment.HostPaths) throws(ProbeError) -> ConntrackPass {
        let pass = try ConntrackPass(sys: host.sys)
        let own = try Scrape.ofOwnNamespace(proc: host.proc)
        guard let shown = readFiles(own, host).first?.reading else {
            throw ProbeError(.unreadable, "\(host.proc)/net/stat/nf_conntrack cannot be read for comparison")
        }
        try pass.compare(with: shown, of: own.census.inventory.nodeNamespace)
        return pass
    }

    private static func checkNetlink() throws(ProbeError) {
        var requests = ConntrackRequests()
        do throws(SystemError) {
            var socket = try NetlinkSocket(.netfilter, options: .explainedErrors)
            _ = try requests.read(&socket)
            try NamespaceHandle.current().enter()
        } catch {
            throw ProbeError(netlink: error)
        }
    }

    /// Reads every namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let rows: [Row] =
            switch source.source {
            case .onePass: try runPass(scrape)
            case .netlink: try walk(scrape)
            default: Self.readFiles(scrape, host)
            }
        var kept: [NamespaceKey: ConntrackTally] = [:]
        kept.reserveCapacity(rows.count)
        for row in rows {
            var tally = tallies[row.key]
            if let reading = row.reading {
                if tally?.advance(to: reading.counters) == nil { tally = ConntrackTally(reading.counters) }
            }
            kept[row.key] = tally
        }
        tallies = kept
        return ConntrackMetric.allCases.map { metric in
            family(metric.metric, rows) { reading, totals in
                switch metric {
                case .entries: reading.entries
                case .maxentries: reading.limit
                default: metric.counter.flatMap { reading.available[$0.rawValue] ? totals[$0.rawValue] : nil }
                }
            }
        }
            + ConntrackExtraMetric.allCases.map { metric in
                let counter: ConntrackCounter = metric == .clashResolve ? .clashResolve : .chainTooLong
                return family(metric.metric, rows) { reading, totals in
                    reading.available[counter.rawValue] ? totals[counter.rawValue] : nil
                }
            } + (events?.families(scrape) ?? [])
    }

    private func family(
        _ metric: Metric, _ rows: [Row], _ value: (ConntrackReading, [UInt64]) -> UInt64?
    ) -> Family {
        var family = Family(metric, reserving: rows.count)
        for row in rows {
            guard let reading = row.reading, let totals = tallies[row.key]?.totals,
                let value = value(reading, totals)
            else { continue }
            family.append(value, for: row.entity)
        }
        return family
    }

    private func runPass(_ scrape: Scrape) throws(ProbeError) -> [Row] {
        try (pass?.read() ?? []).compactMap { row in
            scrape.census.entityOfNamespace[row.key.id].map { (row.key, $0, row.reading) }
        }
    }

    private mutating func walk(_ scrape: Scrape) throws(ProbeError) -> [Row] {
        let inventory = scrape.census.inventory
        var rows: [Row] = []
        rows.reserveCapacity(inventory.namespaces.count)
        var requests = requests
        defer { self.requests = requests }
        let failures: [NamespaceWalker.Failure]
        do throws(SystemError) {
            failures = try walker.walk(inventory.namespaces.map { NamespaceDoor($0) }, opening: .netfilter) {
                index, socket in
                let id = inventory.namespaces[index].id
                guard let entity = scrape.census.entityOfNamespace[id] else { return }
                let key = NamespaceKey(id: id, cookie: socket.namespaceCookie ?? 0)
                do throws(SystemError) {
                    let (reading, malformed) = try requests.read(&socket)
                    if malformed > 0 { scrape.problems.record("conntrack-message", count: UInt64(malformed)) }
                    rows.append((key, entity, reading))
                } catch {
                    scrape.problems.record("conntrack-request")
                    rows.append((key, entity, nil))
                }
            }
        } catch {
            throw ProbeError(netlink: error)
        }
        for failure in failures where !failure.error.isAbsence {
            scrape.problems.record("conntrack-namespace")
            let id = inventory.namespaces[failure.index].id
            for key in tallies.keys where key.id == id { rows.append((key, EntityTable.nodeIndex, nil)) }
        }
        return rows
    }

    private static func readFiles(_ scrape: Scrape, _ host: ProbeEnvironment.HostPaths) -> [Row] {
        var buffer = FileBuffer(capacity: 4 << 10)
        var limit: UInt64?
        // The limit is the same in all namespaces: children show the node's.
        if (try? buffer.read(host.proc + "/sys/net/netfilter/nf_conntrack_max")) != nil {
            var scanner = ByteScanner(buffer.bytes)
            limit = scanner.decimal()
        }
        var rows: [Row] = []
        NamespaceFiles(host, scrape).forEach { position, directory in
            let id = scrape.census.inventory.namespaces[position].id
            guard let entity = scrape.census.entityOfNamespace[id] else { return }
            let key = NamespaceKey(id: id)
            guard (try? buffer.read("net/stat/nf_conntrack", in: directory)) != nil,
                let (parsed, malformed) = ConntrackReading.parse(buffer.bytes)
            else {
                scrape.problems.record("conntrack-unreadable")
                rows.append((key, entity, nil))
                return
            }
            var reading = parsed
            reading.limit = limit
            if malformed > 0 { scrape.problems.record("conntrack-line", count: UInt64(malformed)) }
            rows.append((key, entity, reading))
        }
        return rows
    }
}

extension ConntrackMetric {
    /// The per-CPU counter behind the metric, `nil` for the levels.
    fileprivate var counter: ConntrackCounter? {
        switch self {
        case .found: .found
        case .invalid: .invalid
        case .ignore: .ignore
        case .insert: .insert
        case .insertfailed: .insertFailed
        case .drop: .drop
        case .earlydrop: .earlyDrop
        case .error: .error
        case .searchrestart: .searchRestart
        case .entries, .maxentries: nil
        }
    }
}
