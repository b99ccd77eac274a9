// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot)
struct SnapshotReaderTests {
    @Test func sumsEveryNamespaceUnderItsName() throws {
        let namespace = try TestNamespace()
        // A datagram to a port that is not open, and the ICMP error that comes back.
        try namespace.run("bash", "-c", "echo > /dev/udp/127.0.0.1/9")
        var reader = SnapshotReader(probes: ["ip", "io", "tcpsummary", "nonsense"], node: "test")
        let snapshot = try reader.read()
        #expect(reader.failures.keys.sorted() == ["nonsense"])
        #expect(reader.sources.values.allSatisfy { $0.source == .onePass })
        let entity = try #require(snapshot.entities.entities.firstIndex { $0.podName == "netns:" + namespace.name })
        let received = try #require(snapshot.families.first { $0.metric.name == "kubeskoop_ip_inreceives" })
        let row = try #require(received.entities.firstIndex(of: EntityTable.Index(entity)))
        #expect(received.values[row] == 2)
    }

    /// What a process did must not vanish with it, nor move to the entity of the one that waited for it.
    @Test(arguments: [Source.onePass, .procfs])
    func keepsTheIOOfExitedProcesses(_ source: Source) throws {
        let namespace = try TestNamespace()
        let id = NamespaceID(rawValue: namespace.inode)
        let readers = SharedReaders()
        var probe = try IOProbe(ProbeEnvironment(requiredSource: source, readers: readers))
        var inventory = HostInventoryReader(readers: readers, required: source)
        var resolver = EntityResolver(node: "test")
        var number: UInt64 = 0
        func calls() throws -> UInt64? {
            number += 1
            let census = resolver.resolve(try inventory.read())
            let entity = try #require(census.entityOfNamespace[id])
            let family = try #require(
                try probe.collect(Scrape(number: number, census: census)).first {
                    $0.metric == IOMetric.writesyscall.metric
                })
            return family.entities.firstIndex(of: entity).map { family.values[$0] }
        }
        #expect(try calls() == nil)
        let worker = try namespace.start(
            "sh", "-c", "i=0; while [ $i -lt 500 ]; do echo x > /dev/null; i=$((i+1)); done; exec sleep 1000")
        var last: UInt64 = 0
        #expect(
            try eventually {
                last = try calls() ?? 0; return last >= 500
            })
        worker.kill()
        let after = try calls()
        #expect(try #require(after) >= last)
        if source == .onePass {
            try namespace.run("sh", "-c", "i=0; while [ $i -lt 700 ]; do echo x > /dev/null; i=$((i+1)); done")
            #expect(try #require(try calls()) >= last + 700)
        }
    }
}
