// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopModel
public import SkoopSystem

/// Takes snapshots of this host in the calling thread: the shortest way from the kernel to values.
///
/// ```swift
/// var reader = SnapshotReader(probes: ["tcp", "tcpsummary"])
/// let snapshot = try reader.read()
/// ```
///
/// Probes run one after the other and without deadlines; an agent that must not hang for one of them has SkoopAgent.
/// A value is owned by one thread. Needs root for namespaces and processes of others.
public struct SnapshotReader: ~Copyable {
    /// Why probes that were asked for cannot run or failed last, by name.
    public private(set) var failures: [String: ProbeError] = [:]
    /// The source of each probe that runs.
    public var sources: [String: SourceChoice] { probes.mapValues(\.source) }
    /// The values that the last read lost, by cause.
    public private(set) var problems: [String: UInt64] = [:]

    private var probes: [String: any Probe] = [:]
    private let order: [String]
    private var inventory: HostInventoryReader
    private var resolver: EntityResolver
    private var number: UInt64 = 0

    /// Prepares the probes.
    ///
    /// - Parameters:
    ///   - names: the probes wanted, old spellings included; an unknown one is among the ``failures``.
    ///   - node: the node's name, the value of the label `k8s_node`.
    ///   - host: where the host's `/proc` and `/sys` are.
    ///   - providers: who names entities, see `EntityResolver`.
    public init(
        probes names: [String] = ProbeRegistry.defaultNames, node: String = Host.nodeName,
        host: ProbeEnvironment.HostPaths = .init(),
        providers: [any EntityProvider] = EntityResolver.builtInProviders
    ) {
        let readers = SharedReaders()
        var order: [String] = []
        for name in names {
            guard let type = ProbeRegistry.probe(named: name) else {
                failures[name] = ProbeError(.invalidArgument, ProbeRegistry.unknownProbe(name))
                continue
            }
            do throws(ProbeError) {
                probes[type.definition.name] = try type.init(ProbeEnvironment(host: host, readers: readers))
                order.append(type.definition.name)
            } catch { failures[name] = error }
        }
        self.order = order
        inventory = HostInventoryReader(host: host, readers: readers)
        resolver = EntityResolver(node: node, providers: providers)
    }

    /// Reads all probes at once.
    ///
    /// A probe that fails is among the ``failures`` and costs its own series only.
    ///
    /// - Throws: when not even the namespaces of this host can be listed.
    public mutating func read() throws(SystemError) -> Snapshot {
        number += 1
        let scrape = Scrape(number: number, census: resolver.resolve(try inventory.read()))
        var snapshot = Snapshot(timestamp: SystemClock.wall, entities: scrape.census.entities)
        for name in order {
            do throws(ProbeError) {
                guard let families = try probes[name]?.collect(scrape) else { continue }
                snapshot.families += families.filter { $0.count > 0 }
                failures[name] = nil
            } catch { failures[name] = error }
        }
        problems = scrape.problems.all
        return snapshot
    }
}
