// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopSystem
import Testing

@testable import SkoopProbes

@Suite struct RowOwnersTests {
    /// A scrape that knows namespaces by number, with their cookies.
    private func scrape(_ number: UInt64, _ cookies: [UInt64: UInt64]) -> Scrape {
        let namespaces = cookies.sorted { $0.key < $1.key }.map { id, cookie in
            var namespace = NetworkNamespace(id: NamespaceID(rawValue: id))
            namespace.cookie = cookie
            return namespace
        }
        var resolver = EntityResolver(node: "node")
        let node = NetworkNamespace(id: NamespaceID(rawValue: 1))
        let inventory = HostInventory(nodeNamespace: node.id, namespaces: [node] + namespaces, processes: [])
        return Scrape(number: number, census: resolver.resolve(inventory))
    }

    private func name(_ owners: RowOwners, _ netns: UInt32, _ scrape: Scrape) -> String? {
        owners.entity(of: netns).map { scrape.census.entities.entities[Int($0)].podName }
    }

    /// The same as events say.
    @Test func whatHasNoNamespaceIsNobodys() {
        var watch = NumberWatch()
        let scrape = scrape(1, [7: 70])
        let owners = watch.owners(scrape)
        #expect(name(owners, 0, scrape) == "netns:[0]" && name(owners, 7, scrape) == "netns:[7]")
        #expect(owners.entity(of: 1) == EntityTable.nodeIndex && owners.entity(of: 8) == nil)
        #expect(owners.entity(of: 0) != EntityTable.nodeIndex)
    }

    @Test func aNumberThatIsAnothersNowHasNoOwnerForOneScrape() {
        var watch = NumberWatch()
        let now = MonotonicTime.now
        #expect(watch.owners(scrape(1, [7: 70, 8: 80])).reused.isEmpty)
        let second = scrape(2, [7: 71, 8: 80])
        // The same for each map of the program.
        for map in ["drops", "pairs"] {
            let owners = watch.owners(second)
            #expect(owners.reused == [7] && owners.entity(of: 7) == nil && owners.entity(of: 8) != nil)
            #expect(watch.gone([7], in: map, now: now) == [7])
        }
        let third = watch.owners(scrape(3, [7: 71, 8: 80]))
        #expect(third.reused.isEmpty && third.entity(of: 7) != nil)
        #expect(watch.gone([], in: "drops", now: now) == [])
    }

    /// A scrape at which some namespaces have gone of which births told.
    private func scrape(_ number: UInt64, _ cookies: [UInt64: UInt64], gone: [(id: UInt64, cookie: UInt64)]) -> Scrape {
        let before = scrape(number, cookies)
        var inventory = before.census.inventory
        inventory.births = gone.enumerated().map { place, gone in
            let digits = String(repeating: String(place + 1), count: 64)
            return NamespaceBirth(
                time: UInt64(place),
                process: HostProcess(
                    pid: Int32(place), startTime: 1, namespace: NamespaceID(rawValue: gone.id),
                    cgroup: "/docker/\(digits)"), cookie: gone.cookie)
        }
        var resolver = EntityResolver(node: "node")
        return Scrape(number: number, census: resolver.resolve(inventory))
    }

    @Test func whatHasGoneUnseenOwnsItsRows() {
        var watch = NumberWatch()
        let first = scrape(1, [8: 80], gone: [(7, 70)])
        let owners = watch.owners(first)
        #expect(name(owners, 7, first) == "container:111111111111" && owners.reused.isEmpty)
        // Another that comes and goes with the same number: the rows are of both.
        let second = scrape(2, [8: 80], gone: [(7, 70), (7, 71)])
        #expect(watch.owners(second).reused == [7])
        let third = scrape(3, [8: 80], gone: [(7, 70), (7, 71)])
        let last = watch.owners(third)
        #expect(name(last, 7, third) == "container:222222222222" && last.reused.isEmpty)
        // And one that stays.
        #expect(watch.owners(scrape(4, [7: 72, 8: 80], gone: [(7, 70), (7, 71)])).reused == [7])
        let fifth = scrape(5, [7: 72, 8: 80], gone: [(7, 70), (7, 71)])
        #expect(name(watch.owners(fifth), 7, fifth) == "netns:[7]")
    }

    @Test func whatTwoHaveCountedThatNobodySawIsNobodys() {
        var watch = NumberWatch()
        #expect(watch.owners(scrape(1, [:], gone: [(7, 70), (7, 71)])).reused == [7])
        var other = NumberWatch()
        #expect(other.owners(scrape(1, [7: 71], gone: [(7, 70)])).reused == [7])
        #expect(other.owners(scrape(2, [7: 71], gone: [(7, 70)])).reused.isEmpty)
    }

    @Test func rowsOfWhatHasGoneAreDroppedAfterASecond() {
        var watch = NumberWatch()
        let start = MonotonicTime.now
        _ = watch.owners(scrape(1, [7: 70]))
        _ = watch.owners(scrape(2, [:]))
        #expect(watch.gone([7], in: "histograms", now: start) == [])
        // Another map has none of it.
        #expect(watch.gone([], in: "counters", now: start) == [])
        #expect(watch.gone([7], in: "histograms", now: start + .milliseconds(900)) == [])
        #expect(watch.gone([7], in: "histograms", now: start + .seconds(1)) == [7])
        // Who gets the number then keeps what it has counted.
        let owners = watch.owners(scrape(3, [7: 71]))
        #expect(owners.reused.isEmpty && owners.entity(of: 7) != nil)
    }

    /// Kernels without cookies, or no looks: as ever.
    @Test func withoutCookiesANumberIsWhoHasIt() {
        var watch = NumberWatch()
        _ = watch.owners(scrape(1, [7: 70]))
        let owners = watch.owners(scrape(2, [7: 0]))
        #expect(owners.reused.isEmpty && owners.entity(of: 7) != nil)
    }
}
