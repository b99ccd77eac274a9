// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopSystem
import Synchronization

/// Where everything is that the API server has said, for all threads.
final class ClusterBoard: PeerSource {
    private struct State {
        var table = ClusterTable()
        /// The pods of this node, and the list in which each was last.
        var own: [String: (pod: Pod, list: Int)] = [:]
        var list = 0
        var isOwnChanged = false
    }

    /// This node, whose pods are kept with all that is known of them.
    private let node: String
    private let state = Mutex(State())
    /// The pods of this node, for the names of what is on it.
    let pods = PodBoard()

    init(node: String) { self.node = node }

    func peer(of address: IPAddress, at moment: UInt64?) -> Peer { table { $0.peer(of: address, at: moment) } }

    /// Asks the table while nobody changes it.
    func table<Result>(_ body: (ClusterTable) -> Result) -> Result { state.withLock { body($0.table) } }

    /// Notes that a list of all objects of a resource begins.
    func beginList(of resource: ClusterResource) {
        state.withLock { state in
            state.table.beginList(of: resource)
            if resource == .pods { state.list += 1 }
        }
    }

    /// Notes that an object is there as it is now.
    func update(_ object: ClusterObject, of resource: ClusterResource) {
        let pod = resource == .pods && object.node == node ? object.pod : nil
        state.withLock { state in
            state.table.update(object, of: resource, at: MonotonicTime.now.nanoseconds, wall: SystemClock.wall)
            guard let pod else { return }
            let before = state.own.updateValue((pod, state.list), forKey: object.key)
            if before?.pod != pod { state.isOwnChanged = true }
        }
    }

    /// Notes that an object is gone.
    func remove(_ object: ClusterObject, of resource: ClusterResource) {
        state.withLock { state in
            state.table.remove(object, of: resource, at: MonotonicTime.now.nanoseconds)
            if resource == .pods, state.own.removeValue(forKey: object.key) != nil { state.isOwnChanged = true }
        }
    }

    /// Notes that a list is at its end: what it did not have is gone.
    func endList(of resource: ClusterResource) {
        state.withLock { state in
            state.table.endList(of: resource, at: MonotonicTime.now.nanoseconds)
            guard resource == .pods else { return }
            let list = state.list
            state.own = state.own.filter { $0.value.list == list }
            // The first answer is one, also without pods.
            state.isOwnChanged = true
        }
    }

    /// Lets the names of this node's pods be what has been said by now.
    func settle() {
        let pods = state.withLock { state -> [Pod]? in
            guard state.isOwnChanged else { return nil }
            state.isOwnChanged = false
            return state.own.values.map(\.pod).sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
        }
        if let pods { self.pods.publish(pods) }
    }
}

extension ClusterObject {
    fileprivate var key: String { "\(namespace)/\(name)" }
}
