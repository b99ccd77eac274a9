// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// A network namespace as found on this host, with the ways by which it can be entered.
public struct NetworkNamespace: Sendable, Hashable {
    /// Inode number of the namespace.
    public var id: NamespaceID
    /// A process that lives in it, the one with the lowest start time; its `/proc/<pid>/ns/net` is the door.
    public var pid: Int32?
    /// A bind mount of it, for example `/run/netns/blue`; the door where no process lives in it.
    public var mountPath: String?
    /// Further bind mounts of it, beside ``mountPath``.
    public var otherMountPaths: [String]
    /// The number that no other namespace has since boot (`SO_NETNS_COOKIE`); it was this one's when, and before, the
    /// rest of the inventory was taken. 0 where nobody has looked.
    public var cookie: UInt64 = 0

    /// Makes a namespace record.
    public init(id: NamespaceID, pid: Int32? = nil, mountPath: String? = nil, otherMountPaths: [String] = []) {
        self.id = id
        self.pid = pid
        self.mountPath = mountPath
        self.otherMountPaths = otherMountPaths
    }
}

/// A process (thread group) as found on this host.
public struct HostProcess: Sendable, Hashable {
    /// Process identifier in the initial pid namespace.
    public var pid: Int32
    /// When it started, in clock ticks since boot (field 22 of `/proc/<pid>/stat`); with `pid` it is unique.
    public var startTime: UInt64
    /// The network namespace of its main thread.
    public var namespace: NamespaceID
    /// Its control group: the path below the hierarchy's root, from `/proc/<pid>/cgroup`. Of
    /// several hierarchies the first in which it names a container, in the order v2, memory, cpu, pids, systemd; otherwise
    /// the first in which it is not the root.
    public var cgroup: String
    /// With version 1, its path in the hierarchy of the controller `cpu`, where that is another one.
    public var cpuCgroup: String?

    /// Makes a process record.
    public init(
        pid: Int32, startTime: UInt64, namespace: NamespaceID, cgroup: String, cpuCgroup: String? = nil
    ) {
        self.cpuCgroup = cpuCgroup
        self.pid = pid
        self.startTime = startTime
        self.namespace = namespace
        self.cgroup = cgroup
    }

    /// Whether it started before `other`; the clock tick of both being the same, the lower number decides.
    func isOlder(than other: HostProcess) -> Bool {
        (startTime, pid) < (other.startTime, other.pid)
    }
}

/// All namespaces and processes at one moment, however they were found.
public struct HostInventory: Sendable, Equatable {
    /// The initial network namespace, the node's own.
    public var nodeNamespace: NamespaceID
    /// The namespaces, each once.
    public var namespaces: [NetworkNamespace]
    /// The processes.
    public var processes: [HostProcess]
    /// The addresses of the namespaces, but loopback's and those of a link only; empty where nobody has looked.
    public var addresses: AddressTable
    /// The births in containers of the last minute, in the order of time; empty where nobody watches.
    public var births: [NamespaceBirth] = []

    /// Makes an inventory.
    public init(
        nodeNamespace: NamespaceID, namespaces: [NetworkNamespace], processes: [HostProcess],
        addresses: AddressTable = AddressTable()
    ) {
        self.nodeNamespace = nodeNamespace
        self.namespaces = namespaces
        self.processes = processes
        self.addresses = addresses
    }

    /// Makes an inventory of processes and mounts: the namespaces are those with a process, those with a mount, and the
    /// node's, by number.
    ///
    /// - Parameters:
    ///   - nodeNamespace: the node's own namespace.
    ///   - processes: the processes.
    ///   - mounts: the paths of the bind mounts by namespace, the preferred first; see ``NamespaceMountReader``.
    public init(nodeNamespace: NamespaceID, processes: [HostProcess], mounts: [NamespaceID: [String]]) {
        var oldest: [NamespaceID: Int] = [:]
        for (position, process) in processes.enumerated() {
            if let other = oldest[process.namespace], !process.isOlder(than: processes[other]) { continue }
            oldest[process.namespace] = position
        }
        let namespaces = Set(oldest.keys).union(mounts.keys).union([nodeNamespace]).sorted().map { id in
            let paths = mounts[id] ?? []
            return NetworkNamespace(
                id: id, pid: oldest[id].map { processes[$0].pid }, mountPath: paths.first,
                otherMountPaths: Array(paths.dropFirst()))
        }
        self.init(nodeNamespace: nodeNamespace, namespaces: namespaces, processes: processes)
    }
}

/// An inventory with every namespace and process attributed to an entity.
public struct Census: Sendable {
    /// What was found.
    public var inventory: HostInventory
    /// The entities, the node first.
    public var entities: EntityTable
    /// The entity of each namespace of `inventory.namespaces`, by namespace; under `NamespaceID.nowhere` that of packets
    /// whose namespace the kernel does not say.
    public var entityOfNamespace: [NamespaceID: EntityTable.Index]
    /// The entity of each process of `inventory.processes`, in the same order.
    public var entityOfProcess: [EntityTable.Index]
    /// The names, within its pod, of the container of each process of `inventory.processes`, in the same order; empty in a
    /// pod's sandbox and outside containers, nil where nobody knows it, or not yet.
    public var containerOfProcess: [String?] = []
    /// Namespaces of containers that have gone in the last minute, the oldest first. They are in no inventory any more,
    /// while what happened in them, or was counted for them, is still to be reported.
    public var departed: [DepartedNamespace] = []
    /// Whose processes the control groups had, by their numbers, as far as births told of them.
    public var entityOfGroups: [NamespaceBirth.Groups: EntityTable.Index] = [:]
    /// The names of the containers that the same control groups are of, as far as they are known.
    public var containerOfGroups: [NamespaceBirth.Groups: String] = [:]
    /// Whose addresses there are.
    public var peers: PeerTable
    /// The entities that may have another name in a moment, since somebody is still being asked for it.
    public var awaited: Set<EntityTable.Index> = []

    /// Makes a census.
    public init(
        inventory: HostInventory, entities: EntityTable, entityOfNamespace: [NamespaceID: EntityTable.Index],
        entityOfProcess: [EntityTable.Index], peers: PeerTable = PeerTable()
    ) {
        self.inventory = inventory
        self.entities = entities
        self.entityOfNamespace = entityOfNamespace
        self.entityOfProcess = entityOfProcess
        self.peers = peers
    }
}
