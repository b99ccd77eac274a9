// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopIdentity
import SkoopModel
import SkoopSystem
import Synchronization

/// Reads devices and queueing disciplines of all namespaces in one walk per scrape, for the probes netdev and qdisc.
///
/// Both ask the same subsystem under the same lock of the kernel (`rtnl`), so that what makes one wait makes the other wait,
/// and sharing the walk costs them nothing. Connection tracking, another subsystem, has a walk of its own.
final class DeviceReader: Sendable {
    private struct State: Sendable {
        var walker: NamespaceWalker
        var sys: String
        var wantsQdiscs = false
        var last = LastReading<DeviceReading>()
        var tables: [NamespaceID: LinkTable] = [:]
        var requests = DeviceRequests()
    }

    private let state: Mutex<State>

    init(host: ProbeEnvironment.HostPaths, shortcuts: NamespaceShortcuts) {
        state = Mutex(State(walker: NamespaceWalker(procRoot: host.proc, shortcuts: shortcuts), sys: host.sys))
    }

    /// The reader that the probes of an agent share.
    static func shared(_ environment: ProbeEnvironment) -> DeviceReader {
        let shortcuts = environment.readers.shared { NamespaceShortcuts() }
        return environment.readers.shared { DeviceReader(host: environment.host, shortcuts: shortcuts) }
    }

    /// Has the following walks read queueing disciplines too.
    func wantQdiscs() { state.withLock { $0.wantsQdiscs = true } }

    /// Whether netlink works here: asks the thread's own namespace, and enters it.
    static func check(_ request: NetlinkRequest) throws(ProbeError) {
        var (request, buffer) = (request, [UInt8](repeating: 0, count: 32 << 10))
        do throws(SystemError) {
            var socket = try NetlinkSocket(.route, options: .explainedErrors)
            try socket.perform(&request, buffer: &buffer) { _ in }
            try NamespaceHandle.current().enter()
        } catch {
            throw ProbeError(netlink: error)
        }
    }

    /// The reading of a scrape; the first who asks reads, the others wait for it.
    func reading(of scrape: Scrape) throws(ProbeError) -> DeviceReading {
        try state.withLock { state throws(ProbeError) in
            var last = state.last
            defer { state.last = last }
            return try last.value(of: scrape.number) { () throws(ProbeError) in try Self.read(scrape, &state) }
        }
    }

    private static func read(_ scrape: Scrape, _ state: inout State) throws(ProbeError) -> DeviceReading {
        let inventory = scrape.census.inventory
        var reading = DeviceReading()
        var tables: [NamespaceID: LinkTable] = [:]
        tables.reserveCapacity(inventory.namespaces.count)
        let failures: [NamespaceWalker.Failure]
        do throws(SystemError) {
            failures = try state.walker.walk(inventory.namespaces.map { NamespaceDoor($0) }, opening: .route) {
                index, socket in
                let id = inventory.namespaces[index].id
                guard let entity = scrape.census.entityOfNamespace[id] else { return }
                var visit = DeviceVisit(
                    key: NamespaceKey(id: id, cookie: socket.namespaceCookie ?? 0), entity: entity,
                    isNode: id == inventory.nodeNamespace, sys: state.sys, scrape: scrape, table: state.tables[id])
                visit.read(&socket, with: &state.requests, wantsQdiscs: state.wantsQdiscs, into: &reading)
                tables[id] = visit.table
            }
        } catch {
            throw ProbeError(netlink: error)
        }
        for failure in failures {
            let id = inventory.namespaces[failure.index].id
            tables[id] = state.tables[id]
            // A namespace that has gone since it was listed is no problem.
            guard !failure.error.isAbsence, let entity = scrape.census.entityOfNamespace[id] else { continue }
            scrape.problems.record("netdev-namespace")
            reading.namespaces.append(
                DeviceReading.Namespace(key: state.tables[id]?.key ?? NamespaceKey(id: id), entity: entity))
        }
        state.tables = tables
        return reading
    }
}
