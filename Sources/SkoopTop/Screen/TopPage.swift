// SPDX-License-Identifier: Apache-2.0

/// Draws all that is known of one entity.
struct TopPage {
    private let cells: CellText
    private let columns: Int

    init(_ cells: CellText, _ columns: Int) {
        self.cells = cells
        self.columns = columns
    }

    func lines(
        _ entity: TopEntity, _ row: TopTable.Row?, _ detail: TopDetail?, _ clock: (UInt64) -> String
    ) -> [Frame.Line] {
        var lines = [Frame.Line()]
        var title = Frame.Line(cells.safe(entity.name), .bold)
        if !entity.isNode { title.append("  on \(cells.safe(entity.node))", .dim) }
        lines.append(title)
        if row == nil { lines.append(Frame.Line("it is gone; what follows was read last", .yellow)) }
        for finding in row?.findings ?? [] {
            let confidence = Int((finding.confidence * 100).rounded())
            let when = finding.isOpen ? "seen now" : "ended \(clock(finding.time))"
            var line = Frame.Line(cells.safe(finding.rule), finding.isOpen ? .red : .bold)
            line.append("  \(confidence) %, \(when)", .dim)
            lines += [Frame.Line(), line] + wrapped(finding.text, indent: 2)
            for advice in finding.advice { lines += wrapped("- " + advice, indent: 2) }
        }
        guard let detail else { return lines + [Frame.Line(), Frame.Line("no numbers of it were read", .dim)] }
        let name = max(20, columns - 39)
        lines.append(Frame.Line())
        lines.append(heading(["COUNTERS THAT MOVE", "VALUE", "/s", "GREW BY"], name))
        if detail.counters.isEmpty { lines.append(Frame.Line("none since the first reading", .dim)) }
        for line in detail.counters {
            let style: Frame.Style = (line.rate ?? 0) > 0 ? .plain : .dim
            let rate = line.rate.map { TopNumber.text($0) } ?? "-"
            let growth = line.growth.map { TopNumber.whole($0) } ?? "-"
            lines.append(Frame.Line(text([cells.safe(line.name), line.value, rate, growth], name), style))
        }
        guard !detail.levels.isEmpty else { return lines }
        lines += [Frame.Line(), heading(["LEVELS", "VALUE", "", ""], name)]
        for line in detail.levels { lines.append(Frame.Line(text([cells.safe(line.name), line.value, "", ""], name))) }
        return lines
    }

    private func heading(_ titles: [String], _ name: Int) -> Frame.Line { Frame.Line(text(titles, name), .bold) }

    private func text(_ texts: [String], _ name: Int) -> String {
        CellText.name(texts[0], name) + " " + CellText.right(texts[1], 16) + " " + CellText.right(texts[2], 7) + " "
            + CellText.right(texts[3], 13)
    }

    /// Words in lines of the terminal's width.
    private func wrapped(_ text: String, indent: Int) -> [Frame.Line] {
        let room = max(20, columns - indent)
        var lines: [String] = []
        for word in cells.safe(text).split(separator: " ") {
            if let last = lines.last, CellText.width(last) + 1 + CellText.width(String(word)) <= room {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.map { Frame.Line(String(repeating: " ", count: indent) + $0) }
    }
}
