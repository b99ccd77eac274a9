// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Which container every process is in, and where every container and namespace is at home.
struct HostLayout {
    /// A container with at least one process.
    struct Container {
        var id: ContainerID
        /// Position of the process that started first.
        var oldest: Int
    }

    /// The containers, in the order of the first process found in each.
    private(set) var containers: [Container] = []
    /// For each process of the inventory the position of its container, -1 where there is none.
    private(set) var containerOfProcess: [Int] = []
    /// For each namespace with a process the position of the one that started first.
    private(set) var oldestOfNamespace: [NamespaceID: Int] = [:]
    /// The births in containers, in the order of time.
    private(set) var births: [(birth: NamespaceBirth, container: ContainerID)] = []

    init(of inventory: HostInventory, names: inout ContainerNames) {
        names.begin(base: inventory.processes.first { $0.pid == 1 }?.cgroup ?? "")
        let processes = inventory.processes
        containerOfProcess.reserveCapacity(processes.count)
        var positions: [String: Int] = [:]
        for (position, process) in processes.enumerated() {
            if let oldest = oldestOfNamespace[process.namespace] {
                if process.isOlder(than: processes[oldest]) { oldestOfNamespace[process.namespace] = position }
            } else {
                oldestOfNamespace[process.namespace] = position
            }
            guard let id = names.container(of: process.cgroup) else {
                containerOfProcess.append(-1)
                continue
            }
            let key = id.key
            if let container = positions[key] {
                containerOfProcess.append(container)
                if process.isOlder(than: processes[containers[container].oldest]) {
                    containers[container] = Container(id: id, oldest: position)
                }
            } else {
                positions[key] = containers.count
                containerOfProcess.append(containers.count)
                containers.append(Container(id: id, oldest: position))
            }
        }
        for birth in inventory.births {
            if let id = names.container(of: birth.process.cgroup) { births.append((birth, id)) }
        }
        names.end()
    }

    /// The container whose namespace this is: the oldest process of the namespace is in it, and its own oldest process
    /// is in the namespace. A namespace that was made inside a container fails the second half.
    func container(of namespace: NamespaceID, in inventory: HostInventory) -> Int? {
        guard let oldest = oldestOfNamespace[namespace] else { return nil }
        let container = containerOfProcess[oldest]
        guard container >= 0 else { return nil }
        return home(of: container, in: inventory) == namespace ? container : nil
    }

    /// The namespace of a container: that of its oldest process.
    func home(of container: Int, in inventory: HostInventory) -> NamespaceID {
        inventory.processes[containers[container].oldest].namespace
    }
}

/// The containers that control groups name, kept from one inventory to the next.
struct ContainerNames {
    private var base: String?
    private var known: [String: ContainerID?] = [:]
    private var used: [String: ContainerID?] = [:]

    /// Starts an inventory in which process 1 is in the control group `cgroup`.
    mutating func begin(base cgroup: String) {
        // Where process 1 is in a container itself, everything seen is: that container is the host here.
        let base = ContainerID(cgroup: cgroup)?.cgroup ?? ""
        if base != self.base {
            self.base = base
            known = [:]
        }
        used = [:]
        used.reserveCapacity(known.count)
    }

    mutating func container(of cgroup: String) -> ContainerID? {
        if let found = used[cgroup] { return found }
        let found = known[cgroup] ?? ContainerID(cgroup: cgroup, below: base ?? "")
        used[cgroup] = .some(found)
        return found
    }

    /// Forgets control groups that have no process any more.
    mutating func end() {
        known = used
        used = [:]
    }
}
