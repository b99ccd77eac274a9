// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel

/// The I/O of every entity since it was first seen, never falling while the entity lives.
struct IOAccount: Sendable {
    private struct ProcessKey: Hashable {
        var pid: Int32
        var started: UInt64
    }

    /// What processes that were there before exits were counted had inherited by then, and who gets it.
    private var inherited: [ProcessKey: (owner: EntityKey, io: TaskIO)] = [:]
    /// What is no longer seen in any process.
    private var gone: [EntityKey: TaskIO] = [:]
    private var ownerOfGroup: [TaskGroup: EntityKey] = [:]
    private var totals: [EntityKey: TaskIO] = [:]
    private var listedBefore = false

    /// Takes a listing of the one pass.
    mutating func update(_ listing: TaskListing, _ census: Census) {
        var sums: [EntityKey: TaskIO] = [:]
        var inheritedNow: [ProcessKey: (owner: EntityKey, io: TaskIO)] = [:]
        let owners = census.entities.entities.indices.map { EntityKey(EntityTable.Index($0), census) }
        var entityOfProcess: [Int32: EntityTable.Index] = [:]
        for (process, entity) in zip(census.inventory.processes, census.entityOfProcess) {
            entityOfProcess[process.pid] = entity
        }
        for process in listing.processes {
            // A process that the census does not know yet belongs where its group does.
            let known = entityOfProcess[process.pid].map { owners[Int($0)] }
            guard let owner = known ?? owner(of: process.group, owners, census) else { continue }
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
        ownerOfGroup = ownerOfGroup.filter { living.contains($0.value) }
    }

    /// Takes what `/proc/<pid>/io` shows.
    mutating func update(_ processes: [ProcessIO], _ census: Census) {
        var sums: [EntityKey: TaskIO] = [:]
        let owners = census.entities.entities.indices.map { EntityKey(EntityTable.Index($0), census) }
        var entityOfProcess: [Int32: EntityTable.Index] = [:]
        for (process, entity) in zip(census.inventory.processes, census.entityOfProcess) {
            entityOfProcess[process.pid] = entity
        }
        for process in processes {
            guard let entity = entityOfProcess[process.pid] else { continue }
            sums[owners[Int(entity)], default: TaskIO()].add(TaskIO(process))
        }
        finish(sums, living: Set(owners))
    }

    /// The totals of the entities that have, or had, a process.
    func totals(_ census: Census) -> [(EntityTable.Index, TaskIO)] {
        census.entities.entities.indices.compactMap { index in
            let index = EntityTable.Index(index)
            return totals[EntityKey(index, census)].map { (index, $0) }
        }
    }

    private mutating func finish(_ sums: [EntityKey: TaskIO], living: Set<EntityKey>) {
        gone = gone.filter { living.contains($0.key) }
        var now = sums
        for (owner, io) in gone { now[owner, default: TaskIO()].add(io) }
        for (owner, before) in totals where living.contains(owner) { now[owner, default: before].raise(to: before) }
        totals = now
    }

    private func owner(of group: TaskGroup, _ owners: [EntityKey], _ census: Census) -> EntityKey? {
        if let owner = ownerOfGroup[group] { return owner }
        if let index = census.entityOfGroups[group.groups] { return owners[Int(index)] }
        return census.entityOfNamespace[group.namespace].map { owners[Int($0)] }
    }
}
