// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopModel
import Testing

/// The SNMP counters of the catalogue against the running kernel's own tables.
@Suite struct MIBCounterTests {
    /// Not in every kernel from 5.10 on.
    static let younger: Set = [
        "OutRateLimitGlobal", "OutRateLimitHost", "OutTransmits", "MemErrors", "IgnoredMulti", "PAWSTimewait",
    ]

    @Test func everyFieldIsInTheKernelsTables() throws {
        var shown: [MIBCounter.Table: Set<String>] = [:]
        for file in ["snmp", "netstat"] {
            for line in try String(contentsOfFile: "/proc/self/net/\(file)", encoding: .utf8).split(separator: "\n") {
                let words = line.split(whereSeparator: \.isWhitespace)
                guard let table = MIBCounter.Table(rawValue: String(words[0].dropLast())),
                    words[1].first?.isLetter == true
                else { continue }
                shown[table] = Set(words.dropFirst().map(String.init))
            }
        }
        // Without IPv6 there is no such file, and then nothing to compare.
        if let text = try? String(contentsOfFile: "/proc/self/net/snmp6", encoding: .utf8) {
            for line in text.split(separator: "\n") {
                let name = line.prefix { !$0.isWhitespace }
                for table in [MIBCounter.Table.icmp6, .ip6, .udp6] where name.hasPrefix(table.rawValue) {
                    shown[table, default: []].insert(String(name.dropFirst(table.rawValue.count)))
                }
            }
        }
        let counters = Catalogue.sets.flatMap { set in Self.counters(of: set) }
        #expect(counters.count > 150)
        for counter in counters {
            guard let fields = shown[counter.table] else {
                #expect(counter.table.file == "snmp6", "no table \(counter.table)")
                continue
            }
            #expect(
                fields.contains(counter.field) || Self.younger.contains(counter.field),
                "\(counter.table) \(counter.field)")
        }
    }

    @Test func sourceNamesFileFieldAndPlace() {
        #expect(
            TCPExtMetric.listendrops.metric.source == "/proc/net/netstat TcpExt: ListenDrops (LINUX_MIB_LISTENDROPS)")
        #expect(
            ICMPMetric.outDestUnreachs.metric.source
                == "/proc/net/snmp Icmp: OutDestUnreachs (icmpmsg_statistics, type 3 + 256)")
        #expect(IP6Metric.inReceives.metric.source == "/proc/net/snmp6 Ip6InReceives (IPSTATS_MIB_INPKTS)")
        #expect(IOMetric.readbytes.mib == nil)
    }

    private static func counters<Metrics: MetricSet>(of set: Metrics.Type) -> [MIBCounter] {
        set.allCases.compactMap(\.mib)
    }
}
