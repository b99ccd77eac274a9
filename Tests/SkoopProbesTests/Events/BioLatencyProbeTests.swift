// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct BioLatencyProbeTests {
    /// Writes past the page cache and waits for the disk; prints how many writes the disk has counted meanwhile.
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

    @Test func reportsNothingOfFastRequests() throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        let probe = try BioLatencyProbe(
            ProbeEnvironment(arguments: ["threshold": .duration(.seconds(60))], events: collector.outlet))
        let file = Self.file()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try namespace.run("python3", "-c", Self.writer, file)
        #expect(try collector.events().isEmpty)
        #expect(collector.counts == EventCounts())
        #expect(probe.source.source == .ebpf)
    }
}
