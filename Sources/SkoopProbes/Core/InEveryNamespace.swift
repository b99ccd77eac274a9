// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// Something held in every network namespace of the host, as namespaces come and go, for as long as this is held.
///
/// A thread of its own looks every second which namespaces there are, and when one is born. What is held may keep its namespace alive; it is let go
/// when no process lives in the namespace any more and nothing mounts it. Needs `CAP_SYS_ADMIN`.
final class InEveryNamespace: Sendable {
    /// How it stands after the last look.
    struct Standing: Sendable {
        /// In how many namespaces something is held.
        var held = 0
        /// Why not in others, by namespace.
        var failures: [NamespaceID: ProbeError] = [:]
        /// In how many others, beyond the limit.
        var beyondLimit = 0
    }

    private struct State: Sendable {
        var standing: Standing?
        var isEnding = false
        /// Whether something was born since the last look.
        var isDue = false
    }

    private let state: Monitor<State>
    private let call: BirthCall

    /// Begins, and returns when it is held in all namespaces of now.
    ///
    /// - Parameters:
    ///   - name: the thread's.
    ///   - environment: where the host's `/proc` is.
    ///   - limit: in how many namespaces at most; the node's own comes first.
    ///   - interval: how often to look.
    ///   - hold: called on the thread, inside the namespace that it is given.
    /// - Throws: why nothing could be held anywhere.
    init<Held: Sendable>(
        name: String, _ environment: ProbeEnvironment, limit: Int, every interval: Duration = .seconds(1),
        hold: @escaping @Sendable (NetworkNamespace) throws(ProbeError) -> Held
    ) throws(ProbeError) {
        let state = Monitor(State())
        self.state = state
        call = environment.readers.births.listen { state.update { $0.isDue = true } }
        try ProbeError.wrap { () throws(SystemError) in
            _ = try WorkerThread(name: name) {
                var reader = HostInventoryReader(
                    host: environment.host, readers: environment.readers, findsAddresses: false)
                var holdings = Holdings(proc: environment.host.proc, limit: limit, hold: hold)
                repeat {
                    if let inventory = try? reader.read() { holdings.follow(inventory) }
                    state.update { $0.standing = holdings.standing }
                } while Self.waitForNext(state, until: .now + interval)
            }
        }
        let first = state.wait { $0.standing } ?? Standing()
        if first.held == 0 {
            state.update { $0.isEnding = true }
            throw first.failures.values.first ?? ProbeError(.unreadable, "no network namespace was found")
        }
    }

    deinit { state.update { $0.isEnding = true } }

    /// Waits until it is time to look; false at the end.
    private static func waitForNext(_ state: Monitor<State>, until time: MonotonicTime) -> Bool {
        state.wait(until: time) { state -> Bool? in
            guard state.isEnding || state.isDue else { return nil }
            state.isDue = false
            return !state.isEnding
        } ?? true
    }

    /// How it stands.
    var standing: Standing { state.wait { $0.standing } ?? Standing() }
}

/// What is held, by namespace.
private struct Holdings<Held: Sendable> {
    let proc: String
    let limit: Int
    let hold: @Sendable (NetworkNamespace) throws(ProbeError) -> Held
    private var held: [NamespaceID: Held] = [:]
    private(set) var standing = InEveryNamespace.Standing()

    init(proc: String, limit: Int, hold: @escaping @Sendable (NetworkNamespace) throws(ProbeError) -> Held) {
        self.proc = proc
        self.limit = limit
        self.hold = hold
    }

    mutating func follow(_ inventory: HostInventory) {
        let present = Set(inventory.namespaces.map(\.id))
        held = held.filter { present.contains($0.key) }
        standing = InEveryNamespace.Standing()
        let node = inventory.nodeNamespace
        let others = inventory.namespaces.filter { $0.id != node && held[$0.id] == nil }
        for namespace in inventory.namespaces.filter({ $0.id == node && held[node] == nil }) + others {
            guard held.count < limit else {
                standing.beyondLimit += 1
                continue
            }
            do throws(ProbeError) { held[namespace.id] = try enter(namespace) } catch {
                standing.failures[namespace.id] = error
            }
        }
        standing.held = held.count
    }

    /// Nil where the namespace is gone meanwhile.
    private func enter(_ namespace: NetworkNamespace) throws(ProbeError) -> Held? {
        // The own namespace is at hand, also where no process of it may be looked at.
        if let own = try? NamespaceHandle.current().inode, own == namespace.id.rawValue {
            return try hold(namespace)
        }
        var failure: SystemError?
        for path in [namespace.pid.map { "\(proc)/\($0)/ns/net" }, namespace.mountPath].compactMap(\.self) {
            let outcome: Result<Held, ProbeError>
            do throws(SystemError) {
                let handle = try NamespaceHandle(path: path)
                guard handle.inode == namespace.id.rawValue else { continue }
                outcome = try handle.withEntered { Result { () throws(ProbeError) in try hold(namespace) } }
            } catch {
                failure = error
                continue
            }
            return try outcome.get()
        }
        guard let failure, !failure.isAbsence else { return nil }
        throw ProbeError(failure)
    }
}
