// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct BioLatencyProbeTests {
    /// Writes and reads past the page cache and waits for the disk.
    private static let writer = """
        import mmap, os, sys
        page = mmap.mmap(-1, 4096); page.write(b'x' * 4096)
        file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT | os.O_DIRECT, 0o600)
        for i in range(20): os.pwrite(file, page, 4096 * i)
        for i in range(20): os.preadv(file, [page], 4096 * i)
        """

    /// Not below /tmp, which may be in memory.
    private static func file() -> String { "/var/tmp/skoop-bio-\(UUID().uuidString)" }

    @Test func timesTheRequestsOfAProcess() throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        var probe = try BioLatencyProbe(
            ProbeEnvironment(arguments: ["threshold": .duration(.microseconds(1))], events: collector.outlet))
        let file = Self.file()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try namespace.run("python3", "-c", Self.writer, file)

        let families = try probe.collect(.live([NetworkNamespace(mountOf: namespace)]))
        #expect(families.observations(BioLatencyMetric.latency, 1, labels: ["read"]) ?? 0 >= 20)
        #expect(families.observations(BioLatencyMetric.latency, 1, labels: ["write"]) ?? 0 >= 20)
        let events = try collector.events(in: namespace, atLeast: 40)
        #expect(events.count >= 40)
        // Before the program runs, it is read itself.
        let event = try #require(
            events.first {
                $0.values.first == .string("read") && $0.process?.command.hasPrefix("python3") == true
            })
        let disk: String? = if case .string(let name) = event.values[1] { name } else { nil }
        #expect(FileManager.default.fileExists(atPath: "/sys/block/\(disk ?? "unknown")"))
        #expect(event.message.hasPrefix("python3 \(event.process?.pid ?? 0) latency "))
    }

    /// A disk that does 20 writes in a second, by its own count.
    @Test func timesASlowDisk() throws {
        let disk = try SlowDisk()
        let collector = EventCollector()
        let probe = try BioLatencyProbe(
            ProbeEnvironment(arguments: ["threshold": .duration(.microseconds(1))], events: collector.outlet))
        func counted() throws -> Int {
            let text = try String(contentsOfFile: "/sys/block/\(disk.name)/stat", encoding: .utf8)
            return try #require(Int(text.split(separator: " ")[4]))
        }
        let before = try counted()
        let writes = try disk.write(10)
        let own = { (event: ProbeEvent) in event.values[1] == .string(disk.name) && event.values[0] == .string("write")
        }
        let isWhole = try eventually { try collector.events().count(where: own) >= counted() - before }
        #expect(isWhole)
        let events = try collector.events().filter(own)
        #expect(try events.count == 10 && counted() - before == 10)
        let latencies: [UInt64] = events.compactMap {
            if case .duration(let latency)? = $0.values.last { latency } else { nil }
        }
        // One after the other, they take no longer than the program that waits for them; two of them wait for one turn.
        #expect(latencies.reduce(0, +) < UInt64(writes.duration / .nanoseconds(1)))
        #expect(latencies.count { $0 > 20_000_000 } >= 2, "\(latencies)")
        #expect(events.allSatisfy { $0.type == BioLatencyEvent.slow.type && $0.process?.command == "dd" })
        withExtendedLifetime(probe) {}
    }

    @Test func reportsNothingOfFastRequests() throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        let probe = try BioLatencyProbe(
            ProbeEnvironment(arguments: ["threshold": .duration(.seconds(5))], events: collector.outlet))
        let file = Self.file()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try namespace.run("python3", "-c", Self.writer, file)
        #expect(try collector.events().isEmpty)
        #expect(collector.counts == EventCounts())
        #expect(probe.source.source == .ebpf)
    }
}
