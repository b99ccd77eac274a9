// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel

/// Names what belongs to a pod of the runtime, or of the API server.
///
/// By what it is found, the surest first: the identifier of the container or sandbox in the control group, the pod's UID
/// there, the mount of the network namespace. Owned by the thread that takes censuses.
struct PodProvider: EntityProvider {
    let name: String
    private let board: PodBoard
    /// Who knows the addresses that are not on this host.
    let peers: (any PeerSource)?
    private var table = PodTable()
    private var version: UInt64 = 0
    private var suspense: Set<PodBoard.Question> = []

    init(_ board: PodBoard, name: String = "container runtime", peers: (any PeerSource)? = nil) {
        self.board = board
        self.name = name
        self.peers = peers
    }

    mutating func update(for inventory: HostInventory) -> Bool {
        let before = suspense
        // Namespaces of pods are mounted some time before the first process is in them.
        board.withdrawMounts { Set(inventory.namespaces.lazy.filter { $0.pid != nil }.compactMap(\.mountPath)) }
        suspense = board.suspense()
        guard board.version != version else { return suspense != before }
        (table, version) = board.latest
        return true
    }

    func isAwaited(_ subject: EntitySubject) -> Bool {
        guard pod(of: subject) == nil, let question = question(subject) else { return false }
        return board.isExpected(question)
    }

    func identity(of subject: EntitySubject) -> EntityIdentity? {
        guard let pod = pod(of: subject) else {
            if let question = question(subject) { board.ask(question) }
            return nil
        }
        return .pod(namespace: pod.namespace, name: pod.name, labels: pod.labels)
    }

    func workload(ofPod name: String, in namespace: String) -> Workload? { table[pod: name, in: namespace]?.workload }

    func reason(for subject: EntitySubject) -> String {
        guard let pod = pod(of: subject) else { return "" }
        guard let container = subject.container else { return "its network namespace is mounted there" }
        if container.id == pod.sandbox { return "sandbox \(container.id.prefix(12))" }
        if let known = pod.containers.first(where: { $0.id == container.id }) {
            return "container \(known.id.prefix(12)) (\(known.name))"
        }
        return "UID \(container.podUID) in the control group"
    }

    func name(of container: ContainerID) -> String? { table.name(ofContainer: container.id) }

    private func pod(of subject: EntitySubject) -> Pod? {
        if let container = subject.container {
            return table[container: container.id] ?? table[uid: container.podUID]
        }
        guard !subject.isHostNetwork else { return nil }
        let mounts = [subject.namespace.mountPath].compactMap { $0 } + subject.namespace.otherMountPaths
        return mounts.lazy.compactMap { table[mount: $0] }.first
    }

    /// What the runtime may know more of than it said last.
    private func question(_ subject: EntitySubject) -> PodBoard.Question? {
        if let container = subject.container { return container.isHexadecimal ? .container(container.id) : nil }
        return subject.isHostNetwork ? nil : subject.namespace.mountPath.map { .mount($0) }
    }
}
