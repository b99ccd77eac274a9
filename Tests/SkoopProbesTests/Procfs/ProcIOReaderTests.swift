// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct ProcIOReaderTests {
    @Test func readsTheFixture() {
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let found = ProcIOReader(host: .fixture).read(scrape)
        #expect(
            found == [
                ProcessIO(
                    pid: 4242, startTime: 1, readCalls: 728, writeCalls: 38, readBytes: 1_855_488, writtenBytes: 36864)
            ])
        #expect(scrape.problems.all.isEmpty)
    }

    @Test func aProcessThatEndedIsNoProblemAndAMalformedOneIs() throws {
        let directory = try TemporaryDirectory()
        try directory.write("syscr: 1\nsyscw: 2\nread_bytes: 3\nwrite_bytes: 4\n", to: "1/io")
        try directory.write("syscr: 1\nsyscw: x\nread_bytes: 3\nwrite_bytes: 4\n", to: "3/io")
        try directory.write("", to: "4/io")
        let namespace = NamespaceID(rawValue: 1)
        let processes = (1...4).map { HostProcess(pid: $0, startTime: 5, namespace: namespace, cgroup: "/") }
        let scrape = Scrape(
            number: 1, census: .test(node: NetworkNamespace(id: namespace, pid: 1), processes: processes))
        let found = ProcIOReader(host: .init(proc: directory.path)).read(scrape)
        #expect(
            found == [ProcessIO(pid: 1, startTime: 5, readCalls: 1, writeCalls: 2, readBytes: 3, writtenBytes: 4)])
        #expect(scrape.problems.all == ["io-line": 2])
    }

    @Test func damagedFilesAreSurvived() throws {
        var random = SeededGenerator()
        let original = try Fixtures.bytes("procfs/proc/4242/io")
        let directory = try TemporaryDirectory()
        for bytes in mutations(of: original, count: 100, using: &random) {
            try directory.write(bytes, to: "4242/io")
            let scrape = Scrape(number: 1, census: .test(node: .fixture))
            let found = ProcIOReader(host: .init(proc: directory.path)).read(scrape)
            #expect(
                UInt64(found.count) + scrape.problems.all["io-line", default: 0] == 1, "seed \(random.seed)")
        }
    }

    @Test func ownWritesAreCounted() throws {
        let census = try Census.live()
        let before = ProcIOReader().read(Scrape(number: 1, census: census))
        let file = try #require(fopen("/dev/null", "w"))
        for _ in 0..<100 {
            fputs("x", file)
            fflush(file)
        }
        fclose(file)
        let after = ProcIOReader().read(Scrape(number: 2, census: census))
        #expect(after.count == 1 && before.count == 1)
        #expect(after[0].writeCalls >= before[0].writeCalls + 100)
    }
}
