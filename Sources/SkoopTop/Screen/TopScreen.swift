// SPDX-License-Identifier: Apache-2.0

/// Draws a table, or what is shown in its place, for a terminal of some size.
public struct TopScreen: Sendable {
    /// Who is read: `agent at unix:///run/skoop/agent.sock`.
    public var source: String
    /// What the terminal shows.
    public var cells: CellText
    /// Why there is nothing new; empty where there is.
    public var trouble = ""
    /// How often is read, for people: `2s`.
    public var interval: String
    /// Writes a time of the day, given in nanoseconds since 1970.
    public var clock: @Sendable (UInt64) -> String

    /// Makes a screen; see the properties for the meaning of each argument.
    public init(
        source: String, cells: CellText, interval: String, clock: @escaping @Sendable (UInt64) -> String
    ) {
        self.source = source
        self.cells = cells
        self.interval = interval
        self.clock = clock
    }

    /// How many rows of a table have room in so many lines.
    public func height(lines: Int) -> Int { max(1, lines - (trouble.isEmpty ? 3 : 4)) }

    /// Draws.
    ///
    /// - Parameters:
    ///   - state: what was chosen; what does not fit is corrected.
    ///   - table: the table.
    ///   - detail: the entity that is looked at; nil where its numbers are not known.
    ///   - columns: the terminal's width.
    ///   - lines: the terminal's height.
    public func frame(
        _ state: inout TopState, _ table: TopTable, _ detail: TopDetail?, columns: Int, lines: Int
    ) -> Frame {
        var frame = Frame(columns: columns)
        frame.lines.append(headline(state, table))
        if !trouble.isEmpty { frame.lines.append(Frame.Line(cells.safe(trouble), .red)) }
        switch state.mode {
        case .table, .typing:
            draw(table, &state, columns, height(lines: lines), &frame)
        case .help: page(Self.help(cells), &state, lines, &frame)
        case .detail(let entity):
            let row = table.rows.first { $0.entity == entity }
            page(TopPage(cells, columns).lines(entity, row, detail, clock), &state, lines, &frame)
        }
        while frame.lines.count < lines - 1 { frame.lines.append(Frame.Line()) }
        frame.lines = Array(frame.lines.prefix(max(1, lines - 1)))
        if lines > 1 { frame.lines.append(footer(state)) }
        if state.mode == .typing {
            let column = 1 + CellText.width(cells.safe(state.filter.text))
            frame.cursor = (lines - 1, min(column, max(0, columns - 1)))
        }
        return frame
    }

    private func headline(_ state: TopState, _ table: TopTable) -> Frame.Line {
        var line = Frame.Line("skoop top", .bold)
        line.append("  " + (table.time > 0 ? clock(table.time) : "no reading yet"))
        if state.isPaused { line.append("  paused", .yellow) }
        let shown = table.rows.count { state.filter.accepts($0) }
        line.append("  \(shown) of \(table.rows.count)")
        if !state.filter.text.isEmpty {
            line.append("  filter ")
            line.append(cells.safe(state.filter.text), .cyan)
        }
        line.append("  every \(interval), \(cells.safe(source))", .dim)
        return line
    }

    private func footer(_ state: TopState) -> Frame.Line {
        switch state.mode {
        case .typing: return Frame.Line("/\(cells.safe(state.filter.text))")
        case .help, .detail:
            return Frame.Line("Esc back  Up/Down scroll  p pause  Q quit", .dim)
        case .table:
            return Frame.Line(
                "q quit  ? help  / filter  < > or 0-9 sort  r reverse  p pause  Enter detail", .dim)
        }
    }

    private func draw(
        _ table: TopTable, _ state: inout TopState, _ columns: Int, _ height: Int, _ frame: inout Frame
    ) {
        let rows = state.rows(of: table)
        let names = rows.map { cells.safe($0.entity.name) }
        let layout = TopLayout(width: columns, state.order, longest: names.map { CellText.width($0) }.max() ?? 0)
        frame.lines.append(titles(layout, state))
        let position = state.position(in: rows)
        state.offset = min(max(state.offset, position - height + 1), position)
        state.offset = max(0, min(state.offset, rows.count - height))
        if rows.isEmpty {
            let isFiltered = !table.rows.isEmpty
            frame.lines.append(Frame.Line(isFiltered ? "the filter lets nothing through" : "nothing yet", .dim))
        }
        for index in rows.indices.dropFirst(state.offset).prefix(height) {
            var line = self.line(rows[index], names[index], layout)
            line.isReverse = index == position
            frame.lines.append(line)
        }
    }

    private func titles(_ layout: TopLayout, _ state: TopState) -> Frame.Line {
        var line = Frame.Line()
        func title(_ text: String, _ order: TopTable.Order) -> (String, Frame.Style) {
            state.order == order ? (text, .cyan) : (text, .bold)
        }
        let mark = { (order: TopTable.Order) in state.order != order ? "" : state.isReversed ? "^" : "v" }
        let (name, style) = title(CellText.left("POD\(mark(.name))", layout.name), .name)
        line.append(name, style)
        for column in layout.columns {
            let text = TopColumn.all[column].title
            // The mark stands in the gap where the title has no room for it.
            let order = TopTable.Order.column(column)
            let (shown, style) = title(CellText.right(mark(order) + text, TopLayout.number + 1), order)
            line.append(shown, style)
        }
        if layout.finding > 0 {
            let (text, style) = title(" " + CellText.left("FINDING\(mark(.finding))", layout.finding), .finding)
            line.append(text, style)
        }
        return line
    }

    private func line(_ row: TopTable.Row, _ name: String, _ layout: TopLayout) -> Frame.Line {
        var line = Frame.Line(CellText.name(name, layout.name))
        for column in layout.columns {
            let number = row.numbers[column]
            let isFault = TopColumn.all[column].isFault && (number ?? 0) > 0
            let style: Frame.Style = isFault ? .yellow : number == nil || number == 0 ? .dim : .plain
            line.append(" " + CellText.right(number.map { TopNumber.text($0) } ?? "-", TopLayout.number), style)
        }
        guard layout.finding > 0 else { return line }
        if let finding = row.findings.first {
            let more = row.findings.count > 1 ? " +\(row.findings.count - 1)" : ""
            let text = cells.safe(finding.rule) + (finding.isOpen ? "" : " (ended)") + more
            line.append(" " + CellText.left(text, layout.finding), finding.isOpen ? .red : .dim)
        }
        return line
    }

    /// Lines that may be more than have room.
    private func page(_ all: [Frame.Line], _ state: inout TopState, _ lines: Int, _ frame: inout Frame) {
        let room = max(1, lines - 1 - frame.lines.count)
        state.offset = max(0, min(state.offset, all.count - room))
        frame.lines += all.dropFirst(state.offset).prefix(room)
    }

    /// What the keys do and the columns mean.
    private static func help(_ cells: CellText) -> [Frame.Line] {
        let keys = [
            ("Up Down j k", "choose a row; also Page Up, Page Down, Home, End, g, G"),
            ("< > Left Right", "sort by the column beside; a column that has no room is shown when it is sorted by"),
            ("1 ... 9", "sort by the first ... ninth column of numbers; again: the other way"),
            ("0 n, f", "sort by name, by finding"),
            ("r", "reverse the order"),
            ("/", "show rows with a text in the name, the node or the finding; !text for those without; Esc: all"),
            ("Enter", "all counters of the row that move"),
            ("p Space", "stop and go on"),
            ("q Ctrl-C", "quit"),
        ]
        var lines = [Frame.Line(), Frame.Line("Keys", .bold)]
        for (key, meaning) in keys {
            var line = Frame.Line("  " + CellText.left(key, 16), .cyan)
            line.append(meaning)
            lines.append(line)
        }
        lines += [Frame.Line(), Frame.Line("Columns", .bold)]
        for column in TopColumn.all {
            var line = Frame.Line("  " + CellText.left(column.title, 16), .cyan)
            line.append(column.help)
            lines.append(line)
        }
        lines.append(Frame.Line("  -               it is not measured, or there is one reading only"))
        return lines
    }
}
