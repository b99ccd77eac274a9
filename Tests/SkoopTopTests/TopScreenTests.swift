// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopTop

struct TopScreenTests {
    private static func screen(isUnicode: Bool = false) -> TopScreen {
        TopScreen(source: "probes of this process", cells: CellText(isUnicode: isUnicode), interval: "2s") {
            "12:00:\($0 / 1_000_000_000)"
        }
    }

    private static func frame(
        _ table: TopTable, _ columns: Int, _ lines: Int, _ keys: [Key] = [], detail: TopDetail? = nil
    ) -> Frame {
        let screen = screen()
        var state = TopState()
        for key in keys { _ = state.press(key, table, height: screen.height(lines: lines)) }
        return screen.frame(&state, table, detail, columns: columns, lines: lines)
    }

    @Test func smallAndLarge() {
        let table = Readings.table(60)
        let small = Self.frame(table, 80, 24).text
        #expect(small.count == 24)
        #expect(small[0].hasPrefix("skoop top  12:00:1  60 of 60  every 2s, probes of this process"))
        #expect(small[1].hasPrefix("POD               "), "\(small[1])")
        #expect(small[1].contains(" vRX/s") && small[1].contains("RETR/s") && small[1].contains("FINDING"))
        #expect(!small[1].contains("UDPE/s"))
        #expect(small[2].hasPrefix("shop/web-60 ") && small[22].hasPrefix("shop/web-40 "))
        #expect(small[23].hasPrefix("q quit"))
        let large = Self.frame(table, 160, 50).text
        #expect(large.count == 50 && large[48].hasPrefix("shop/web-14 "))
        for column in TopColumn.all { #expect(large[1].contains(column.title)) }
        // A column that has no room comes when it is sorted by.
        let other = Self.frame(table, 80, 24, [Key](repeating: .right, count: 9)).text
        #expect(other[1].contains("vUDPE/s") && !other[1].contains("DNSF/s"))
    }

    @Test func theChosenRowIsInSight() {
        let table = Readings.table(60)
        for keys in [[Key.end], [.pageDown, .pageDown], [Key](repeating: .down, count: 33), [.end, .home]] {
            let frame = Self.frame(table, 80, 24, keys)
            let chosen = frame.lines.filter(\.isReverse)
            #expect(chosen.count == 1 && frame.lines.count == 24)
        }
        #expect(Self.frame(table, 80, 24, [.end]).text[22].hasPrefix("shop/web-1 "))
    }

    @Test func faultsAndFindingsStandOut() throws {
        let retrans = TCPMetric.retranssegs.metric
        let rows = { (count: UInt64) in [Readings.Row(retrans, "web", count), Readings.Row(retrans, "db", 0)] }
        let findings = [
            Readings.finding("web", "listen-overflow"), Readings.finding("web", "x"),
            Readings.finding("db", "dns-slow", isOpen: false),
        ]
        let table = TopTable(
            Readings.reading(at: 1, rows(4), findings: findings), after: Readings.reading(at: 0, rows(0)))
        let frame = Self.frame(table, 100, 10, [.character("f")])
        #expect(frame.text[2].contains("     4 ") && frame.text[2].contains("listen-overflow +1"), "\(frame.text[2])")
        #expect(frame.text[3].contains("dns-slow (ended)"))
        #expect(frame.lines[2].pieces.contains { $0.style == .yellow && $0.text.contains("4") })
        #expect(frame.lines[2].pieces.contains { $0.style == .red })
        #expect(!frame.lines[3].pieces.contains { $0.style == .yellow || $0.style == .red })
    }

    @Test func namesKeepTheirEnds() {
        let table = Readings.table(3) { "checkout-service-of-the-shop-6d8f7c9b5-x2x9\($0)" }
        let lines = Self.frame(table, 80, 24).text
        #expect(lines[2].contains("~") && lines[2].contains("x2x93 ") && lines[2].hasPrefix("shop/"))
        // Where there is room nothing is cut.
        #expect(Self.frame(table, 160, 24).text[2].hasPrefix("shop/checkout-service-of-the-shop-6d8f7c9b5-x2x93 "))
    }

    @Test func aTerminalIsNeverToldWhatANameSays() {
        let table = Readings.table(2) { "netns:\u{1b}[2J\u{7}\u{9b}31m漢字-\u{202e}\($0)" }
        for isUnicode in [false, true] {
            var state = TopState(filter: "netns")
            let frame = Self.screen(isUnicode: isUnicode).frame(&state, table, nil, columns: 120, lines: 10)
            let text = frame.text.joined()
            #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{202e}" })
            #expect(text.contains("漢") == isUnicode && text.contains("\\u{1B}"))
            #expect(isUnicode || text.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func troubleIsShownAboveWhatIsOld() {
        var screen = Self.screen()
        screen.trouble = "unix:///run/skoop/agent.sock: connect: no such file, what is shown is 7 s old"
        var state = TopState()
        let frame = screen.frame(&state, Readings.table(40), nil, columns: 80, lines: 24)
        #expect(frame.lines.count == 24 && frame.text[1].contains("7 s old") && frame.text[2].hasPrefix("POD"))
        #expect(frame.text[3].hasPrefix("shop/web-40"))
    }

    @Test func anEntityIsShownWithWhatMoves() throws {
        typealias Row = Readings.Row
        let rx = NetdevMetric.rxbytes.metric
        let drops = PacketlossExtraMetric.drops.metric
        let labels = ["NO_SOCKET", "udp_rcv"]
        let first = Readings.reading(at: 0, [Row(rx, "web", 100), Row(TCPMetric.activeopens.metric, "web", 3)])
        let before = Readings.reading(at: 8, [Row(rx, "web", 500), Row(TCPMetric.activeopens.metric, "web", 3)])
        let now = Readings.reading(
            at: 10,
            [
                Row(rx, "web", 1500), Row(TCPMetric.activeopens.metric, "web", 3), Row(drops, "web", 4, labels: labels),
                Row(TCPSummaryMetric.tcpestablishedconn.metric, "web", 9), Row(rx, "db", 77),
            ],
            findings: [Readings.finding("web", "listen-overflow")])
        let detail = TopDetail(of: Readings.pod("web"), now, after: before, since: first)
        #expect(
            detail.counters == [
                .init(name: rx.name, value: "1500", rate: 500, growth: 1400),
                .init(name: "\(drops.name){reason=\"NO_SOCKET\",location=\"udp_rcv\"}", value: "4", rate: 2, growth: 4),
            ])
        #expect(detail.levels == [.init(name: TCPSummaryMetric.tcpestablishedconn.metric.name, value: "9")])
        let frame = Self.frame(TopTable(now, after: before), 100, 30, [.character("f"), .enter], detail: detail)
        let text = frame.text.joined(separator: "\n")
        #expect(text.contains("shop/web  on n1") && text.contains("listen-overflow  90 %, seen now"))
        #expect(text.contains("  clients wait: the queue is full") && text.contains("  - accept faster"))
        #expect(
            frame.text.contains { $0.hasPrefix(rx.name) && $0.contains(" 1500") && $0.hasSuffix("500         1 400") })
        #expect(frame.text.last?.hasPrefix("Esc back") == true)
        // It goes, and its numbers stay.
        let other = Readings.reading(at: 12, [Row(rx, "db", 77)])
        var state = TopState(order: .finding)
        _ = state.press(.enter, TopTable(now, after: before), height: 20)
        let gone = Self.screen().frame(&state, TopTable(other, after: now), detail, columns: 100, lines: 30)
        #expect(gone.text.contains("it is gone; what follows was read last"))
    }

    @Test func ofHistogramsTheMeanIsShown() {
        let metric = ConnectMetric.seconds.metric
        func reading(_ seconds: Double, _ sum: UInt64, _ count: UInt64) -> TopReading {
            var table = EntityTable(node: "n1")
            let web = table.append(
                Entity(kind: .pod, namespace: NamespaceID(rawValue: 1), podNamespace: "shop", podName: "web"))
            var family = Family(metric)
            var counts = [UInt64](repeating: 0, count: metric.buckets?.width ?? 0)
            counts[3] = count
            family.append(sum: sum, counts: counts, for: web)
            return TopReading(
                moment: UInt64(seconds * 1e9) + 1, time: 1,
                snapshots: [Snapshot(timestamp: 1, entities: table, families: [family])])
        }
        let detail = TopDetail(
            of: Readings.pod("web"), reading(2, 5_000_000, 30), after: reading(0, 1_000_000, 10),
            since: reading(0, 0, 0))
        #expect(detail.counters == [.init(name: metric.name, value: "mean 200us", rate: 10, growth: 30)])
    }

    @Test func everySizeWorks() {
        var random = SeededGenerator()
        let keys: [Key] = [
            .up, .down, .enter, .escape, .character("/"), .character("w"), .character("?"), .end, .pageUp,
            .character("r"),
            .character(">"), .character("9"), .left, .backspace, .character("p"),
        ]
        let tables = [TopTable(), Readings.table(1), Readings.table(400) { "漢字\($0)" }]
        for _ in 0..<400 {
            let table = tables.randomElement(using: &random)!
            var screen = Self.screen(isUnicode: Bool.random(using: &random))
            screen.trouble = Bool.random(using: &random) ? "trouble" : ""
            var state = TopState()
            for _ in 0..<30 {
                let columns = Int.random(in: 1...200, using: &random)
                let lines = Int.random(in: 1...70, using: &random)
                _ = state.press(keys.randomElement(using: &random)!, table, height: screen.height(lines: lines))
                let frame = screen.frame(&state, table, nil, columns: columns, lines: lines)
                #expect(frame.lines.count <= lines, "seed \(random.seed)")
                #expect(frame.cursor.map { $0.line < lines && $0.column < columns } ?? true, "seed \(random.seed)")
            }
        }
    }

    /// A terminal emulator that is not ours shows what the frames say, whatever was shown before.
    @Test func aTerminalShowsIt() throws {
        struct Step: Encodable {
            var size: [Int]?
            var bytes: String
        }
        struct Shown: Decodable {
            var lines: [String]
            var reverse: [String]
            var colours: [String]
            var cursor: [Int]?
        }
        var random = SeededGenerator()
        let tables = [Readings.table(3), Readings.table(40), Readings.table(40) { "漢字-\($0)" }, TopTable()]
        for isColoured in [true, false] {
            var painter = Painter(isColoured: isColoured)
            var steps: [Step] = [Step(bytes: Painter.enter)]
            var frames: [Frame] = [Frame(columns: 80, lines: [])]
            var size = (80, 24)
            var state = TopState()
            for number in 0..<60 {
                let screen = Self.screen(isUnicode: true)
                var step = Step(bytes: "")
                if number % 10 == 9 {
                    size = (Int.random(in: 20...170, using: &random), Int.random(in: 3...60, using: &random))
                    step.size = [size.0, size.1]
                    painter.forget()
                }
                let table = tables.randomElement(using: &random)!
                let keys: [Key] = [
                    .down, .end, .enter, .escape, .character("/"), .character("5"), .character("?"), .right,
                ]
                _ = state.press(keys.randomElement(using: &random)!, table, height: screen.height(lines: size.1))
                let frame = screen.frame(&state, table, nil, columns: size.0, lines: size.1)
                step.bytes = painter.paint(frame)
                steps.append(step)
                frames.append(frame)
            }
            let output = try PythonOracle("screens.py").run(input: Array(try JSONEncoder().encode(steps)))
            let shown = try output.split(separator: "\n").map {
                try JSONDecoder().decode(Shown.self, from: Data($0.utf8))
            }
            #expect(shown.count == frames.count)
            for (position, (shown, frame)) in zip(shown, frames).enumerated().dropFirst() {
                let columns = frame.columns
                for (line, text) in shown.lines.enumerated() {
                    let wanted = line < frame.lines.count ? frame.lines[line] : Frame.Line()
                    var expected = CellText.prefix(wanted.text, columns)
                    while expected.last == " " { expected.removeLast() }
                    #expect(text == expected, "step \(position), line \(line), seed \(random.seed)")
                    let isReverse = shown.reverse[line].contains("#")
                    #expect(isReverse == wanted.isReverse && (!isReverse || !shown.reverse[line].contains(".")))
                }
                #expect(shown.cursor.map { [$0[0], $0[1]] } == frame.cursor.map { [$0.line, $0.column] })
                #expect(isColoured || shown.colours == ["default"])
            }
            #expect(!isColoured || shown.contains { $0.colours.count > 1 })
        }
    }
}
