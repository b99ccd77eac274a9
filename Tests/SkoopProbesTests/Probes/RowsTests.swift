// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite struct RowsTests {
    private static let tuple = PacketTuple(
        protocolNumber: 6, source: .init(IPAddress(v4: 0x0A00_0001)), destination: .init(IPAddress(v6: 1), port: 443))
    private static let other = PacketTuple(
        protocolNumber: 6, source: .init(IPAddress(v4: 0x0A00_0002)), destination: .init(IPAddress(v6: 1)))

    private func scrape() throws -> Scrape { Scrape(number: 1, census: try .live()) }

    @Test func keysWithTheSameLabelsAreOneRowAndGoTogether() throws {
        let scrape = try scrape()
        var rows = TupleRows<Int>()
        rows.add([1, 0], .init(Self.other, in: 7, at: 50, scrape), of: 1, last: 50)
        rows.add([2, 1], .init(Self.tuple, in: 7, at: 50, scrape), of: 2, last: 10)
        rows.add([3, 0], .init(Self.tuple, in: 8, at: 90, scrape), of: 3, last: 90)
        let families = rows.families([PacketlossMetric.total.metric, PacketlossMetric.netfilter.metric])
        #expect(families[0].values == [5, 1])
        #expect(families[1].values == [1])
        #expect(
            Array(families[0].labels(of: 0)) == [
                "TCP", "10.0.0.1", "unknown", "", "", "", "::1", "unknown", "", "", "", "0", "443",
            ])
        #expect(rows.keys(unchangedSince: 60).sorted() == [1])
        #expect(rows.keys(unchangedSince: 91).sorted() == [1, 2, 3])
    }

    /// What was counted before an address changed hands is not its new owner's.
    @Test func whoHasAnAddressLaterHadNoPartInIt() throws {
        var scrape = try scrape()
        let address = Self.tuple.source.address
        scrape.census.peers.add(
            address, of: Peer(kind: .pod, namespace: "shop", pod: "new"), in: NamespaceID(rawValue: 9),
            time: 100...UInt64.max)
        #expect(TupleRows<Int>.Ends(Self.tuple, in: 7, at: 99, scrape).source == .unknown)
        #expect(TupleRows<Int>.Ends(Self.tuple, in: 7, at: 101, scrape).source.pod == "new")
    }

    @Test func countersOfAnEntityAddUp() {
        var rows = EntityRows<[String]>()
        rows.add([1], ["NO_SOCKET", "b"], for: 1)
        rows.add([5], ["NO_SOCKET", "a"], for: 1)
        rows.add([2], ["NO_SOCKET", "b"], for: 1)
        rows.add([4], ["TCP_CSUM", "c"], for: 0)
        let family = rows.families([PacketlossExtraMetric.drops.metric]) { $0 }[0]
        #expect(family.entities == [0, 1, 1])
        #expect(family.values == [4, 5, 3])
        #expect(Array(family.labels(of: 2)) == ["NO_SOCKET", "b"])
    }

    /// A row may go once it has been shown and then left alone for the time.
    @Test func leaseEndsAfterTheTimeAndNotBeforeARowWasShown() {
        var lease = RowLease(ProbeEnvironment(arguments: ["idleSeconds": .integer(10)]))
        let second: UInt64 = 1_000_000_000
        #expect(lease.begin(now: MonotonicTime(nanoseconds: 100 * second)).idle == 0)
        #expect(lease.begin(now: MonotonicTime(nanoseconds: 105 * second)).idle == 95 * second)
        #expect(lease.begin(now: MonotonicTime(nanoseconds: 200 * second)).idle == 105 * second)
        #expect(lease.begin(now: MonotonicTime(nanoseconds: 201 * second)).idle == 191 * second)
        var fresh = RowLease(ProbeEnvironment())
        _ = fresh.begin(now: MonotonicTime(nanoseconds: 5 * second))
        #expect(fresh.begin(now: MonotonicTime(nanoseconds: 6 * second)).idle == 0)
    }

    @Test func functionsAreReadAgainWhereAModuleIsNew() throws {
        let directory = try TemporaryDirectory()
        try directory.write("ffffffff81000000 T first\n", to: "kallsyms")
        let functions = KernelFunctions(path: "\(directory.path)/kallsyms", patience: .zero)
        #expect(functions.hindrance == nil)
        #expect(functions.place(of: 0xffff_ffff_c000_0010) == nil)
        try directory.write("ffffffff81000000 T first\nffffffffc0000000 t late\t[late]\n", to: "kallsyms")
        #expect(
            functions.stack([0xffff_ffff_8100_0001, 0xffff_ffff_c000_0010, 16]) == ["first+0x1", "late+0x10", "0x10"])
    }

    @Test func functionsSayWhyTheyHaveNoNames() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0000000000000000 T first\n", to: "kallsyms")
        let path = "\(directory.path)/kallsyms"
        #expect(
            KernelFunctions(path: path).hindrance
                == "\(path) hides addresses: CAP_SYSLOG is needed, and kernel.kptr_restrict must not be 2")
        let missing = KernelFunctions(path: "/nonexistent/kallsyms")
        #expect(missing.hindrance == "open /nonexistent/kallsyms: no such file or directory")
        #expect(missing.place(of: 1) == nil)
        #expect(missing.ranges(of: ["first"]).isEmpty)
    }
}
