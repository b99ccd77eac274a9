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
/// Where netdev has its counters from the one pass, the walk is for queueing disciplines only.
final class DeviceReader: Sendable {
    private struct State: Sendable {
        var walker: NamespaceWalker
        var sys: String
        var wants = DeviceWants()
        var last = LastReading<DeviceReading>()
        var tables: [NamespaceID: LinkTable] = [:]
        let requests = DeviceRequests()
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
    func wantQdiscs() { want(\.qdiscs) }

    /// Has the following walks read the devices' counters too.
    func wantStatistics() { want(\.statistics) }

    /// What was read for another probe of the same scrape lacks what is wanted only now.
    private func want(_ wish: any WritableKeyPath<DeviceWants, Bool> & Sendable) {
        state.withLock { state in
            guard !state.wants[keyPath: wish] else { return }
            state.wants[keyPath: wish] = true
            state.last = LastReading()
        }
    }

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
            return try last.value(of: scrape.number) { () throws(ProbeError) in try Self.read(scrape, nil, &state) }
        }
    }

    /// Reads some namespaces anew, by their places in the inventory.
    func walk(_ scrape: Scrape, _ places: [Int]) throws(ProbeError) -> DeviceReading {
        try state.withLock { state throws(ProbeError) in try Self.read(scrape, places, &state) }
    }

    private static func read(
        _ scrape: Scrape, _ places: [Int]?, _ state: inout State
    ) throws(ProbeError) -> DeviceReading {
        let all = scrape.census.inventory.namespaces
        let namespaces = places.map { $0.map { all[$0] } } ?? all
        let job = Job(
            walker: state.walker, sys: state.sys, wants: state.wants, tables: state.tables,
            requests: state.requests, namespaces: namespaces, scrape: scrape)
        let parts = job.partsInTwoThreads()
        var reading = DeviceReading()
        var tables: [NamespaceID: LinkTable] = [:]
        tables.reserveCapacity(namespaces.count)
        for part in parts {
            let part = try part.mapError { ProbeError(netlink: $0) }.get()
            reading.append(part.reading)
            tables.merge(part.tables) { $1 }
            for failure in part.failures {
                let id = namespaces[failure.index].id
                tables[id] = state.tables[id]
                // A namespace that has gone since it was listed is no problem.
                guard !failure.error.isAbsence, let entity = scrape.census.entityOfNamespace[id] else { continue }
                scrape.problems.record("netdev-namespace")
                reading.namespaces.append(
                    DeviceReading.Namespace(key: state.tables[id]?.key ?? NamespaceKey(id: id), entity: entity))
            }
        }
        if places == nil {
            state.tables = tables
        } else {
            state.tables.merge(tables) { $1 }
            if state.tables.count > all.count {
                let present = Set(all.map(\.id))
                state.tables = state.tables.filter { present.contains($0.key) }
            }
        }
        return reading
    }
}

/// A walk of one scrape, and its halves.
private struct Job: Sendable {
    /// What a walk through some of the namespaces gave.
    struct Part: Sendable {
        var reading = DeviceReading()
        var tables: [NamespaceID: LinkTable] = [:]
        var failures: [NamespaceWalker.Failure] = []
    }

    var walker: NamespaceWalker
    var sys: String
    var wants: DeviceWants
    var tables: [NamespaceID: LinkTable]
    var requests: DeviceRequests
    var namespaces: [NetworkNamespace]
    var scrape: Scrape

    /// Below so many namespaces a second thread costs more than it saves.
    private static let leastForTwo = 32

    /// Walks the namespaces, where there are many half of them on a second thread: four fifths of a visit are system calls.
    func partsInTwoThreads() -> [Result<Part, SystemError>] {
        let doors = namespaces.map { NamespaceDoor($0) }
        let middle = doors.count >= Self.leastForTwo ? doors.count / 2 : doors.count
        guard middle < doors.count else { return [part(doors, doors.indices)] }
        let second = Monitor<Result<Part, SystemError>?>(nil)
        guard
            let thread = try? WorkerThread(
                name: "devices", { second.update { $0 = part(doors, middle..<doors.count) } })
        else { return [part(doors, doors.indices)] }
        let first = part(doors, 0..<middle)
        thread.join()
        return [first, second.update { $0 } ?? part(doors, middle..<doors.count)]
    }

    private func part(_ doors: [NamespaceDoor], _ places: Range<Int>) -> Result<Part, SystemError> {
        var part = Part()
        var requests = requests
        do throws(SystemError) {
            part.failures = try walker.walk(doors, places, opening: .route) { index, socket in
                let id = namespaces[index].id
                guard let entity = scrape.census.entityOfNamespace[id] else { return }
                var visit = DeviceVisit(
                    key: NamespaceKey(id: id, cookie: socket.namespaceCookie ?? 0), entity: entity,
                    isNode: id == scrape.census.inventory.nodeNamespace, sys: sys, scrape: scrape, table: tables[id])
                visit.read(&socket, with: &requests, wants, into: &part.reading)
                part.tables[id] = visit.table
            }
        } catch { return .failure(error) }
        return .success(part)
    }
}
