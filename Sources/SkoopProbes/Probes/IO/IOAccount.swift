// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// The I/O of every entity since it was first seen, never falling while the entity lives.
struct IOAccount: Sendable {
    /// Whose I/O is added up.
    private struct Owner: Hashable {
        var entity: EntityKey
        var container: String
    }

    /// Who that is going to be.
    private struct Claim {
        var entity: EntityKey
        /// nil while nobody has said which container it is.
        var container: String?

        var owner: Owner? { container.map { Owner(entity: entity, container: $0) } }
        var unnamed: Owner { Owner(entity: entity, container: "") }
    }

    /// For how long a runtime is given the time to say what a container is called, in nanoseconds.
    private static let patience: UInt64 = 10_000_000_000

    private struct ProcessKey: Hashable {
        var pid: Int32
        var started: UInt64
    }

    /// What processes that were there before exits were counted had inherited by then, and who gets it.
    private var inherited: [ProcessKey: (claim: Claim, io: TaskIO)] = [:]
    /// What is no longer seen in any process.
    private var gone: [Owner: TaskIO] = [:]
    /// What has exited in groups of containers without a name.
    private var unnamed: [TaskGroup: TaskIO] = [:]
    /// Since when such groups are known; what was counted under no name could not be taken back.
    private var unnamedSince: [TaskGroup: UInt64] = [:]
    private var ownerOfGroup: [TaskGroup: Owner] = [:]
    private var totals: [Owner: TaskIO] = [:]
    private var listedBefore = false
    private let label: ContainerLabel

    init(_ label: ContainerLabel) { self.label = label }

    /// Takes a listing of the one pass.
    ///
    /// - Parameter now: the monotonic clock, in nanoseconds.
    mutating func update(_ listing: TaskListing, _ census: Census, at now: UInt64 = MonotonicTime.now.nanoseconds) {
        var sums: [Owner: TaskIO] = [:]
        var inheritedNow: [ProcessKey: (claim: Claim, io: TaskIO)] = [:]
        var groups: Set<TaskGroup> = []
        let owners = census.entities.entities.indices.map { EntityKey(EntityTable.Index($0), census) }
        let claimOfProcess = claimsOfProcesses(owners, census)
        for process in listing.processes {
            // A process that the census does not know yet belongs where its group does.
            guard let claim = claimOfProcess[process.pid] ?? claim(of: process.group, owners, census) else { continue }
            if let owner = claim.owner { ownerOfGroup[process.group] = owner }
            groups.insert(process.group)
            let owner = owner(claim, of: process.group, at: now)
            if let owner { sums[owner, default: TaskIO()].add(process.live) }
            guard process.isOlderThanPass else { continue }
            // Later inheritance was counted when the thread or child exited.
            let key = ProcessKey(pid: process.pid, started: process.started)
            var entry = inherited[key] ?? (claim, listedBefore ? TaskIO() : process.inherited)
            if entry.claim.container == nil { entry.claim = claim }
            inheritedNow[key] = entry
            if let owner = entry.claim.owner ?? owner { sums[owner, default: TaskIO()].add(entry.io) }
        }
        // Before the first listing what had exited is in what others inherited.
        if listedBefore {
            for (group, io) in listing.exited { unnamed[group, default: TaskIO()].add(io) }
        }
        for (group, io) in unnamed {
            groups.insert(group)
            let claim = claim(of: group, owners, census)
            guard let owner = claim.map({ owner($0, of: group, at: now) }) else {
                unnamed[group] = nil
                continue
            }
            guard let owner else { continue }
            gone[owner, default: TaskIO()].add(io)
            unnamed[group] = nil
        }
        for (key, (claim, io)) in inherited where inheritedNow[key] == nil {
            gone[claim.owner ?? claim.unnamed, default: TaskIO()].add(io)
        }
        inherited = inheritedNow
        listedBefore = true
        let living = Set(owners)
        finish(sums, living: living)
        ownerOfGroup = ownerOfGroup.filter { living.contains($0.value.entity) }
        unnamedSince = unnamedSince.filter { groups.contains($0.key) }
    }

    /// Whose it is; nil while somebody may still say it.
    private mutating func owner(_ claim: Claim, of group: TaskGroup, at now: UInt64) -> Owner? {
        if let owner = claim.owner { return owner }
        let since = unnamedSince[group] ?? now
        unnamedSince[group] = since
        return now - since > Self.patience ? claim.unnamed : nil
    }

    /// Takes what `/proc/<pid>/io` shows.
    mutating func update(_ processes: [ProcessIO], _ census: Census) {
        var sums: [Owner: TaskIO] = [:]
        let owners = census.entities.entities.indices.map { EntityKey(EntityTable.Index($0), census) }
        let claimOfProcess = claimsOfProcesses(owners, census)
        for process in processes {
            guard let claim = claimOfProcess[process.pid] else { continue }
            sums[claim.owner ?? claim.unnamed, default: TaskIO()].add(TaskIO(process))
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

    private func claimsOfProcesses(_ owners: [EntityKey], _ census: Census) -> [Int32: Claim] {
        var found: [Int32: Claim] = [:]
        for (position, process) in census.inventory.processes.enumerated() {
            found[process.pid] = Claim(
                entity: owners[Int(census.entityOfProcess[position])],
                container: label.container(ofProcess: position, census))
        }
        return found
    }

    private func claim(of group: TaskGroup, _ owners: [EntityKey], _ census: Census) -> Claim? {
        if let owner = ownerOfGroup[group] { return Claim(entity: owner.entity, container: owner.container) }
        let container = label.container(of: group.groups, census)
        let index = census.entityOfGroups[group.groups] ?? census.entityOfNamespace[group.namespace]
        return index.map { Claim(entity: owners[Int($0)], container: container) }
    }
}
