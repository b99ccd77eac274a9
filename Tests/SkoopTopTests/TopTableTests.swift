// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopTop

struct TopTableTests {
    private typealias Row = Readings.Row
    private let rx = NetdevMetric.rxbytes.metric
    private let web = Readings.pod("web")

    private func table(_ before: [Row]?, _ now: [Row], probes: Set<String>? = Readings.probes) -> TopTable {
        TopTable(
            Readings.reading(at: 2, now, probes: probes),
            after: before.map { Readings.reading(at: 0, $0, probes: probes) })
    }

    @Test func countersBecomeRatesAndLevelsStay() {
        let table = table(
            [
                Row(rx, "web", 100), Row(TCPMetric.activeopens.metric, "web", 1),
                Row(TCPMetric.passiveopens.metric, "web", 5),
            ],
            [
                Row(rx, "web", 300), Row(TCPMetric.activeopens.metric, "web", 2),
                Row(TCPMetric.passiveopens.metric, "web", 10),
                Row(TCPSummaryMetric.tcpestablishedconn.metric, "web", 7),
            ])
        #expect(table.seconds == 2)
        #expect(table.number("rx_bytes_per_second", of: web) == 100)
        #expect(table.number("new_connections_per_second", of: web) == 3)
        #expect(table.number("established", of: web) == 7)
        #expect(table.number("tx_bytes_per_second", of: web) == nil)
    }

    @Test func aFirstReadingHasLevelsOnly() {
        let table = table(nil, [Row(rx, "web", 300), Row(TCPSummaryMetric.tcpestablishedconn.metric, "web", 7)])
        #expect(table.number("rx_bytes_per_second", of: web) == nil && table.number("established", of: web) == 7)
        #expect(table.seconds == nil && table.rows.count == 1)
    }

    @Test func aCounterThatBeganAnewCountsFromZero() {
        #expect(table([Row(rx, "web", 1 << 40)], [Row(rx, "web", 50)]).number("rx_bytes_per_second", of: web) == 25)
    }

    @Test func whoCameInBetweenHasNoRateYet() {
        let table = table([Row(rx, "db", 1)], [Row(rx, "db", 1), Row(rx, "web", 1_000_000)])
        #expect(table.number("rx_bytes_per_second", of: web) == nil)
        #expect(table.number("rx_bytes_per_second", of: Readings.pod("db")) == 0)
    }

    @Test func whoHasGoneHasNoRow() {
        #expect(table([Row(rx, "web", 1), Row(rx, "db", 1)], [Row(rx, "db", 1)]).rows.map(\.entity.pod) == ["db"])
    }

    @Test func twoReadingsOfOneMomentAreNoInterval() {
        let reading = Readings.reading(at: 1, [Row(rx, "web", 5)])
        let table = TopTable(reading, after: reading)
        #expect(table.seconds == nil && table.number("rx_bytes_per_second", of: web) == nil)
    }

    /// Of what is counted by reason there is no row before it happens.
    @Test func aSeriesThatAppearsHasGrown() {
        let drops = PacketlossExtraMetric.drops.metric
        let probes = Readings.probes.union(["packetloss"])
        let now = [Row(rx, "web", 1), Row(drops, "web", 6, labels: ["NO_SOCKET", "udp_rcv"])]
        #expect(table([Row(rx, "web", 1)], now, probes: probes).number("drops_per_second", of: web) == 3)
        let quiet = table([Row(rx, "web", 1)], [Row(rx, "web", 1)], probes: probes)
        #expect(quiet.number("drops_per_second", of: web) == 0)
        // The probe began in between: what it has counted is not known to be of this interval.
        let late = TopTable(
            Readings.reading(at: 2, now, probes: probes), after: Readings.reading(at: 0, [Row(rx, "web", 1)]))
        #expect(late.number("drops_per_second", of: web) == nil)
    }

    @Test func withoutTheBetterProbeTheOtherCounts() {
        let dropped = [NetdevMetric.rxdropped.metric, NetdevMetric.txdropped.metric]
        let table = table(
            dropped.map { Row($0, "web", 0) }, dropped.map { Row($0, "web", 2) })
        #expect(table.number("drops_per_second", of: web) == 2)
        #expect(table.number("dns_failures_per_second", of: web) == nil)
    }

    /// KubeSkoop's agent does not say which probes run as this one does.
    @Test func withoutALIstOfProbesWhatIsThereCounts() {
        let table = table([Row(rx, "web", 0)], [Row(rx, "web", 8)], probes: nil)
        #expect(table.number("rx_bytes_per_second", of: web) == 4)
        #expect(table.number("retransmits_per_second", of: web) == nil)
    }

    @Test func answersThatAreNoFaultAreNoFailures() {
        let responses = DNSMetric.responses.metric
        func rows(_ count: UInt64) -> [Row] {
            ["NOERROR", "NXDOMAIN", "SERVFAIL"].map { Row(responses, "web", count, labels: ["client", $0]) }
                + [Row(DNSMetric.unanswered.metric, "web", count, labels: ["client"])]
        }
        let table = table(rows(0), rows(10), probes: ["dns"])
        #expect(table.number("dns_failures_per_second", of: web) == 10)
    }

    @Test func everyColumnHasRoomForItsTitle() {
        for column in TopColumn.all {
            #expect(column.title.utf8.count <= TopLayout.number && !column.help.isEmpty)
            #expect(!column.alternatives.isEmpty && column.alternatives.allSatisfy { !$0.isEmpty })
            for term in column.alternatives.joined() {
                #expect((term.metric.kind == .gauge) == (column.kind == .level), "\(column.name)")
                #expect(term.label.isEmpty || term.metric.labels.extra.contains(term.label))
                #expect(term.metric.decimals == 0)
            }
        }
        #expect(Set(TopColumn.all.map(\.rank)).count == TopColumn.all.count)
    }

    @Test func rowsAreSorted() {
        let metric = rx
        let table = TopTable(
            Readings.reading(
                at: 1,
                [
                    Row(metric, "a", 10), Row(metric, "b", 30), Row(metric, "c", 20), Row(metric, "", 30),
                    Row(metric, "new", 5),
                ],
                findings: [
                    Readings.finding("c", "old", time: 9, isOpen: false), Readings.finding("a", "early", time: 5),
                    Readings.finding("b", "late", time: 6),
                ]),
            after: Readings.reading(
                at: 0, ["a", "b", "c", ""].map { Row(metric, $0, 0) }))
        func names(_ order: TopTable.Order, reversed: Bool = false, _ filter: String = "") -> [String] {
            table.rows(by: order, isReversed: reversed, TopFilter(filter)).map(\.entity.pod)
        }
        #expect(names(.name) == ["", "a", "b", "c", "new"])
        #expect(names(.name, reversed: true) == ["new", "c", "b", "a", ""])
        // Equal ones by name, what is not known last, in both directions.
        #expect(names(.column(0)) == ["", "b", "c", "a", "new"])
        #expect(names(.column(0), reversed: true) == ["a", "c", "", "b", "new"])
        #expect(names(.finding) == ["b", "a", "c", "", "new"])
        #expect(names(.finding, reversed: true) == ["c", "a", "b", "", "new"])
        #expect(names(.name, "SHOP/") == ["a", "b", "c", "new"])
        #expect(names(.name, "shop !/b !EARLY") == ["c", "new"])
        #expect(names(.name, "late").contains("b") && names(.name, "late").count == 1)
        #expect(names(.name, "n1").count == 5 && names(.name, "nothing").isEmpty && names(.name, "!").count == 5)
    }

    @Test(arguments: [
        (0.0, "0"), (0.001, "<0.01"), (0.04, "0.04"), (7.5, "7.5"), (9.99, "9.99"), (9.996, "10"), (45, "45"),
        (99.96, "100"),
        (312.4, "312"), (999.4, "999"), (999.6, "1.00k"), (45_100, "45.1k"), (3_200_000, "3.20M"), (1.17e11, "117G"),
        (1.8e19, "18.0E"), (1e30, ">999E"), (.infinity, "-"), (.nan, "-"),
    ]) func numbersAreShort(number: Double, text: String) {
        #expect(TopNumber.text(number) == text)
        #expect(text.utf8.count <= TopLayout.number)
    }

    @Test func everyNumberFits() {
        var random = SeededGenerator()
        for _ in 0..<20_000 {
            let number =
                Double.random(in: 1...10, using: &random) * [1e-4, 1, 10, 1e3, 1e6, 1e12, 1e18].randomElement(
                    using: &random)!
            #expect(TopNumber.text(number).utf8.count <= TopLayout.number, "\(number)")
        }
        #expect(TopNumber.whole(1_234_567) == "1 234 567" && TopNumber.whole(12) == "12")
        #expect(TopNumber.text(seconds: 0.0012) == "1.2ms" && TopNumber.text(seconds: 3) == "3s")
        #expect(TopNumber.text(seconds: 2.5e-5) == "25us" && TopNumber.text(seconds: 0) == "0ns")
    }

    @Test func linesForPipes() {
        let table = TopTable(
            Readings.reading(
                at: 1, [Row(rx, "web", 1500), Row(rx, "a", 0)], findings: [Readings.finding("web", "listen-overflow")]),
            after: Readings.reading(at: 0, [Row(rx, "web", 0), Row(rx, "a", 0)]))
        let text = TopTable.text(table.rows(by: .column(0)), CellText(isUnicode: false))
        let lines = text.split(separator: "\n")
        #expect(lines[0].hasPrefix("POD        RX/s  TX/s  ESTAB"), "\(text)")
        #expect(lines[1].hasPrefix("shop/web  1.50k     -  "), "\(text)")
        #expect(lines[1].hasSuffix("listen-overflow") && lines[2].hasSuffix("  -"))
    }

    @Test func theJSONIsAsItsSchemaSays() throws {
        let table = TopTable(
            Readings.reading(
                at: 1, [Row(rx, "web", 1500), Row(rx, "", 3)],
                findings: [Readings.finding("web", "listen-overflow"), Readings.finding("web", "x", isOpen: false)]),
            after: Readings.reading(at: 0, [Row(rx, "web", 0), Row(rx, "", 3)]))
        let json = try JSONValue(parsing: table.json(table.rows).utf8)
        let row = try #require(json["rows"]?.elements?.last)
        #expect(row["k8s_pod"]?.string == "web" && row["values"]?["rx_bytes_per_second"]?.double == 1500)
        #expect(row["findings"]?.elements?.count == 2 && json["seconds"]?.double == 1)
        let names = row["values"]?.members?.map { $0.0 }
        #expect(names == TopColumn.all.map(\.name))
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let schema = root.appending(path: "Documentation/schema/top-1.json").path()
        let oracle = PythonOracle("validate.py", file: root.appending(path: "Tests/SkoopExportTests/any").path())
        for document in [table.json(table.rows), TopTable().json([])] {
            #expect(try oracle.run(schema, input: Array(document.utf8)) == "")
        }
    }
}
