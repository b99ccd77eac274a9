// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem
internal import Synchronization

/// Whose the rows of a program's maps are.
///
/// Programs know the inode numbers of namespaces only, and the kernel gives these away again.
struct RowOwners: Sendable {
    private let entities: [NamespaceID: EntityTable.Index]
    /// The numbers that are another namespace's than at the collection before: their rows are of both, so nobody's.
    let reused: Set<UInt32>

    fileprivate init(_ census: Census, reused: Set<UInt32>) {
        let departed = census.entityOfDepartedNumber
        entities = departed.isEmpty ? census.entityOfNamespace : departed.merging(census.entityOfNamespace) { $1 }
        self.reused = reused
    }

    /// The entity of a number; nil for one that the census does not know, or that has become another's. Of 0, which is the
    /// number of packets whose namespace the kernel does not say, it is nobody.
    func entity(of netns: UInt32) -> EntityTable.Index? {
        reused.contains(netns) ? nil : entities[NamespaceID(rawValue: UInt64(netns))]
    }
}

/// What a program remembers of the numbers of namespaces from one collection to the next.
struct NumberWatch: Sendable {
    private var cookies: [UInt32: UInt64] = [:]
    private var absences: [String: [UInt32: MonotonicTime]] = [:]
    private var last:
        (scrape: UInt64, namespaces: [NetworkNamespace], departed: [DepartedNamespace], owners: RowOwners)?

    /// The owners of this scrape's rows; the same for every map of the program.
    mutating func owners(_ scrape: Scrape) -> RowOwners {
        let namespaces = scrape.census.inventory.namespaces
        let departed = scrape.census.departed
        if let last, last.scrape == scrape.number, last.namespaces == namespaces, last.departed == departed {
            return last.owners
        }
        // Of a number that was several namespaces' in turn the last has it.
        var holders = Dictionary(departed.map { ($0.id, $0.cookie) }, uniquingKeysWith: { $1 })
        for namespace in namespaces where holders[namespace.id] != nil { holders[namespace.id] = namespace.cookie }
        let shared = Set(departed.lazy.filter { holders[$0.id] != $0.cookie }.map(\.id))
        var reused: Set<UInt32> = []
        let living = namespaces.lazy.map { ($0.id, $0.cookie) }
        for (id, cookie) in living + holders.map({ ($0.key, $0.value) }) where cookie != 0 {
            let number = UInt32(truncatingIfNeeded: id.rawValue)
            let before = cookies.updateValue(cookie, forKey: number)
            // Who came and went since the collection before may have rows as well.
            if before.map({ $0 != cookie }) ?? shared.contains(id) { reused.insert(number) }
        }
        let owners = RowOwners(scrape.census, reused: reused)
        last = (scrape.number, namespaces, departed, owners)
        return owners
    }

    /// Which numbers that have rows and no owner are to lose their rows: those that were another's before, and those that
    /// had no owner a second before either, since a namespace may be newer than the census.
    ///
    /// - Parameters:
    ///   - unknown: all numbers that have rows and no owner.
    ///   - map: the map with the rows.
    mutating func gone(_ unknown: Set<UInt32>, in map: String, now: MonotonicTime) -> Set<UInt32> {
        var absences = (absences[map] ?? [:]).filter { unknown.contains($0.key) }
        for number in unknown where absences[number] == nil { absences[number] = now }
        self.absences[map] = absences
        let gone = Set(absences.lazy.filter { $0.value + .seconds(1) <= now }.map(\.key))
        // Who gets the number next finds no rows of another's.
        for number in gone { cookies[number] = nil }
        return gone.union(unknown.intersection(last?.owners.reused ?? []))
    }
}

extension AttachedProgram {
    /// Whose the rows are that a scrape finds.
    func owners(_ scrape: Scrape) -> RowOwners { numbers.withLock { $0.owners(scrape) } }

    /// Which numbers are to lose their rows in a map; see ``NumberWatch/gone(_:in:now:)``.
    func gone(_ unknown: Set<UInt32>, in map: String, now: MonotonicTime = .now) -> Set<UInt32> {
        numbers.withLock { $0.gone(unknown, in: map, now: now) }
    }
}
