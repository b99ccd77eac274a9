// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite(.serialized, .requiresRoot) struct ConntrackProbeTests {
    /// A network whose right side tracks connections and accepts them.
    private func network() throws -> VethNetwork {
        let network = try VethNetwork.make()
        try network.right.run(
            "nft", "-f", "-",
            input: """
                table inet skoop {
                    chain input {
                        type filter hook input priority 0;
                        ct state invalid counter drop
                        ct state new counter accept
                    }
                }
                """)
        return network
    }

    /// The kernel's file: columns summed over CPUs by name; read by means other than ours.
    private func file(_ namespace: borrowing TestNamespace) throws -> [String: UInt64] {
        let lines = try namespace.run("cat", "/proc/net/stat/nf_conntrack").split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        var sums: [String: UInt64] = [:]
        for line in lines.dropFirst() {
            for (name, value) in zip(lines[0], line) { sums[name, default: 0] += UInt64(value, radix: 16) ?? 0 }
        }
        // The same number on every line.
        sums["entries"] = UInt64(
            try namespace.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count").trimmingCharacters(
                in: .whitespacesAndNewlines))
        sums["max"] = UInt64(
            try namespace.run("cat", "/proc/sys/net/netfilter/nf_conntrack_max").trimmingCharacters(
                in: .whitespacesAndNewlines))
        return sums
    }

    private static let columns: [ConntrackMetric: String] = [
        .found: "found", .invalid: "invalid", .insert: "insert", .insertfailed: "insert_failed", .drop: "drop",
        .earlydrop: "early_drop", .error: "icmp_error", .searchrestart: "search_restart", .entries: "entries",
        .maxentries: "max",
    ]

    @Test(arguments: ConntrackProbe.definition.sources)
    func agreesWithTheKernelsFile(_ source: Source) throws {
        let network = try network()
        try network.send(30)
        // A TCP segment of no connection, and an ICMP error with a damaged inner packet.
        try network.left.run(
            "python3", "-c",
            """
            import socket, struct
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
            raw.sendto(struct.pack("!HHIIBBHHH", 1, 2, 3, 4, 0x50, 0x3f, 9, 0, 0), ("10.77.0.2", 0))
            icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            icmp.sendto(bytes([3, 1, 0, 0, 0, 0, 0, 0]), ("10.77.0.2", 0))
            """)
        var probe = try ConntrackProbe(ProbeEnvironment(requiredSource: source))
        #expect(probe.source.source == source)
        var number: UInt64 = 0
        try compareQuietly({ try file(network.right) }) {
            number += 1
            let scrape = try network.scrape(number)
            let values = try probe.values(scrape)
            #expect(scrape.problems.all.isEmpty)
            var seen = try file(network.right)
            for (metric, column) in Self.columns {
                seen[column] = try #require(values[metric.metric.name]?[2], "\(metric)")
            }
            #expect((seen["entries"] ?? 0) >= 2, "both IP versions are tracked")
            #expect((seen["invalid"] ?? 0) > 0)
            if let resolved = values[ConntrackExtraMetric.clashResolve.metric.name]?[2] { seen["clashres"] = resolved }
            if let long = values[ConntrackExtraMetric.chainTooLong.metric.name]?[2] { seen["chainlength"] = long }
            // Every namespace has a row, whether it tracks or not, and the node too.
            #expect(values[ConntrackMetric.entries.metric.name]?.keys.sorted() == [0, 1, 2])
            #expect(values[ConntrackMetric.entries.metric.name]?[1] == 0)
            return seen
        }
    }

    /// What the kernel does not count is not claimed to be zero; all sources agree on what that is.
    @Test func sourcesHaveTheSameSeries() throws {
        let network = try network()
        func names(_ source: Source) throws -> [String] {
            var probe = try ConntrackProbe(ProbeEnvironment(requiredSource: source))
            return try probe.values(network.scrape(1)).filter { !$0.value.isEmpty }.keys.sorted()
        }
        let names = (pass: try names(.onePass), netlink: try names(.netlink), files: try names(.procfs))
        #expect(names.pass == names.files)
        #expect(names.netlink == names.files)
        #expect(names.netlink.contains(ConntrackMetric.insertfailed.metric.name))
    }

    @Test func aHostWithoutConnectionTrackingSaysSo() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: ProbeError.self) {
            try ConntrackProbe(ProbeEnvironment(host: .init(proc: directory.path)))
        }
        #expect(error?.reason == .missingSubsystem)
    }
}

@Suite struct ConntrackFileTests {
    private func parse(_ text: String) -> (reading: ConntrackReading, malformed: Int)? {
        ConntrackReading.parse(Array(text.utf8).span)
    }

    @Test func columnsAreFoundByName() throws {
        let text = """
            entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart
            0000000a  00000001 00000002 00000000 00000003 00000009 00000000 00000004 00000005 00000006 00000007 00000008 0000000b  00000000 00000000 00000000 0000000c
            0000000a  00000001 00000000 00000000 ffffffff 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000  00000000 00000000 00000000 00000000

            """
        let parsed = try #require(parse(text))
        #expect(parsed.reading.entries == 10)
        let totals = ConntrackTally(parsed.reading.counters).totals
        func total(_ counter: ConntrackCounter) -> UInt64 { totals[counter.rawValue] }
        #expect(total(.clashResolve) == 2 && total(.found) == 2 && total(.invalid) == 3 + 0xffff_ffff)
        #expect(total(.chainTooLong) == 4 && total(.insertFailed) == 6 && total(.drop) == 7)
        #expect(total(.earlyDrop) == 8 && total(.error) == 11 && total(.searchRestart) == 12 && total(.insert) == 5)
        #expect(!parsed.reading.available[ConntrackCounter.ignore.rawValue])
        #expect(parsed.malformed == 0)
    }

    @Test func anOldKernelCountsWhatItIgnored() throws {
        let parsed = try #require(parse("entries  searched found new invalid ignore delete\n1 2 3 4 5 6 7\n"))
        #expect(parsed.reading.available[ConntrackCounter.ignore.rawValue])
        #expect(!parsed.reading.available[ConntrackCounter.clashResolve.rawValue])
        #expect(ConntrackTally(parsed.reading.counters).totals[ConntrackCounter.ignore.rawValue] == 6)
    }

    @Test(arguments: ["", "\n", "x\n", "1 2 3\n"])
    func anotherFileIsRefused(text: String) {
        #expect(parse(text) == nil)
    }

    @Test(arguments: ["1 2\n", "1 2 3 4\n", "1 2 x\n", "1 2 123456789abcdef01\n", "\n"])
    func aDamagedLineIsLostAlone(line: String) throws {
        let parsed = try #require(parse("entries found drop\n" + line + "1 2 3\n"))
        #expect(parsed.malformed == 1)
        #expect(ConntrackTally(parsed.reading.counters).totals[ConntrackCounter.drop.rawValue] == 3)
    }

    @Test func countersPassTheirWidth() {
        let width = ConntrackCounter.allCases.count
        var tally = ConntrackTally([UInt32](repeating: .max, count: 2 * width))
        tally.advance(to: [UInt32](repeating: 4, count: 2 * width))
        #expect(tally.totals == [UInt64](repeating: 2 * (0xffff_ffff + 5), count: width))
    }
}
