// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel

/// The I/O of every entity since it was first seen, never falling while the entity lives.
struct IOAccount: Sendable {
    /// Whose I/O is added up.
    private struct Owner: Hashable {
        var entity: EntityKey
        var container: String
    }

    private struct ProcessKey: Hashable {
        var pid: Int32
        var started: UInt64
    }

    /// What processes that were there before exits were counted had inherited by then, and who gets it.
    private var inherited: [ProcessKey: (owner: Owner, io: TaskIO)] = [:]
    /// What is no longer seen in any process.
    private var gone: [Owner: TaskIO] = [:]
    private var ownerOfGroup: [TaskGroup: Owner] = [:]
    private var totals: [Owner: TaskIO] = [:]
    private var listedBefore = false
    private let label: ContainerLabel

    init(_ label: ContainerLabel) { self.label = label }

    /// Takes a listing of the one pass.
    mutating func update(_ listing: TaskListing, _ census: Census) {
        var sums: [Owner: TaskIO] = [:]
        var inheritedNow: [ProcessKey: (owner: Owner, io: TaskIO)] = [:]
        let owners = census.entities.entities.indices.map { EntityKey(EntityTable.Index($0), census) }
        let ownerOfProcess = ownersOfProcesses(owners, census)
        for process in listing.processes {
            // A process that the census does not know yet belongs where its group does.
            guard let owner = ownerOfProcess[process.pid] ?? owner(of: process.group, owners, census) else { continue }
            ownerOfGroup[process.group] = owner
            sums[owner, default: TaskIO()].add(process.live)
            guard process.isOlderThanPass else { continue }
            // Later inheritance was counted when the thread or child exited.
            let key = ProcessKey(pid: process.pid, started: process.started)
            inheritedNow[key] = inherited[key] ?? (owner, listedBefore ? TaskIO() : process.inherited)
        }
        for (group, io) in listing.exited {
            // Before the first listing what had exited is in what others inherited.
            guard listedBefore, let owner = owner(of: group, owners, census) else { continue }
            gone[owner, default: TaskIO()].add(io)
        }
        for (key, (owner, io)) in inherited where inheritedNow[key] == nil { gone[owner, default: TaskIO()].add(io) }
        for (owner, io) in inheritedNow.values { sums[owner, default: TaskIO()].add(io) }
        inherited = inheritedNow
        listedBefore = true
        finish(sums, living: Set(owners))
        let living = Set(owners)
        ownerOfGroup = ownerOfGroup.filter { living.contains($0.value.entity) }
    }

    /// Takes what `/proc/<pid>/io` shows.
    mutating func update(_ processes: [ProcessIO], _ census: Census) {
        var sums: [Owner: TaskIO] = [:]
        let owners = census.entities.entities.indices.map { EntityKey(EntityTable.Index($0), census) }
        let ownerOfProcess = ownersOfProcesses(owners, census)
        for process in processes {
            guard let owner = ownerOfProcess[process.pid] else { continue }
            sums[owner, default: TaskIO()].add(TaskIO(process))
        }
        finish(sums, living: Set(owners))
    }

    /// The totals of the entities, and their containers, that have, or had, a process.
    func totals(_ census: Census) -> [(EntityTable.Index, container: String, TaskIO)] {
        let indices = Dictionary(
            census.entities.entities.indices.map { (EntityKey(EntityTable.Index($0), census), EntityTable.Index($0)) },
            uniquingKeysWith: { first, _ in first })
        return totals.compactMap { owner, io in indices[owner.entity].map { ($0, owner.container, io) } }
            .sorted { ($0.0, $0.container) < ($1.0, $1.container) }
    }

    private mutating func finish(_ sums: [Owner: TaskIO], living: Set<EntityKey>) {
        gone = gone.filter { living.contains($0.key.entity) }
        var now = sums
        for (owner, io) in gone { now[owner, default: TaskIO()].add(io) }
        for (owner, before) in totals where living.contains(owner.entity) {
            now[owner, default: before].raise(to: before)
        }
        totals = now
    }

    private func ownersOfProcesses(_ owners: [EntityKey], _ census: Census) -> [Int32: Owner] {
        var found: [Int32: Owner] = [:]
        for (position, process) in census.inventory.processes.enumerated() {
            found[process.pid] = Owner(
                entity: owners[Int(census.entityOfProcess[position])],
                container: label.container(ofProcess: position, census))
        }
        return found
    }

    private func owner(of group: TaskGroup, _ owners: [EntityKey], _ census: Census) -> Owner? {
        if let owner = ownerOfGroup[group] { return owner }
        let container = label.container(of: group.groups, census)
        let index = census.entityOfGroups[group.groups] ?? census.entityOfNamespace[group.namespace]
        return index.map { Owner(entity: owners[Int($0)], container: container) }
    }
}
