// SPDX-License-Identifier: Apache-2.0

/// Lines of a terminal: words in a narrow column, and text wrapped beside them.
package struct Screen {
    /// How text stands out.
    package enum Style: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    package let width: Int
    package let isColoured: Bool
    package private(set) var text = ""
    private static let indent = 12

    package init(width: Int, isColoured: Bool) {
        self.width = width
        self.isColoured = isColoured
    }

    package mutating func newline() { text += "\n" }

    package mutating func paragraph(_ words: String, _ style: Style = .plain) {
        for line in Self.wrapped(words, width) { text += painted(line, style) + "\n" }
    }

    /// A line with something at its right end.
    mutating func heading(_ left: String, _ right: String) {
        let left = Self.safe(left)
        let gap = width - left.count - right.count
        text += painted(left, .bold) + (gap >= 2 ? String(repeating: " ", count: gap) : "\n   ") + painted(right, .bold)
        newline()
    }

    /// A title in the left column and text beside it.
    package mutating func item(_ title: String, _ words: String, _ style: Style = .plain) {
        let pad = String(repeating: " ", count: Self.indent)
        for (position, line) in Self.wrapped(words, width - Self.indent).enumerated() {
            var lead = pad
            if position == 0 {
                lead = "   " + title
                lead += String(repeating: " ", count: max(1, Self.indent - lead.count))
            }
            text += lead + painted(line, style) + "\n"
        }
    }

    /// Values beside their thresholds, in columns where there is room.
    mutating func rows(_ title: String, _ rows: [FindingSheet.Row], _ style: Style) {
        let room = width - Self.indent
        var columns = [0, 0, 0, 0]
        for row in rows {
            for (column, cell) in row.cells.enumerated() { columns[column] = max(columns[column], cell.count) }
        }
        let isWide = columns.reduce(6, +) <= room
        for (position, row) in rows.enumerated() {
            let name = position == 0 ? title : ""
            if isWide {
                let cells = zip(row.cells, columns).map { cell, width in
                    Self.safe(cell) + String(repeating: " ", count: max(0, width - cell.count))
                }
                item(name, cells.joined(separator: "\u{a0}\u{a0}"), style)
            } else {
                item(name, "\(row.what): \(row.value) (\(row.bound); \(row.probes))", style)
            }
            if !row.note.isEmpty { item("", "  " + row.note, .dim) }
        }
    }

    private func painted(_ text: String, _ style: Style) -> String {
        isColoured && style != .plain ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// Lines no longer than a width, unless a word is.
    private static func wrapped(_ words: String, _ width: Int) -> [String] {
        let words = safe(words)
        guard words.count > width else { return [words.replacingBlanks()] }
        var lines: [String] = []
        var line = String(words.prefix { $0 == " " })
        var isEmpty = true
        for word in words.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line.replacingBlanks())
                line = ""
                isEmpty = true
            }
            line += isEmpty ? String(word) : " \(word)"
            isEmpty = false
        }
        return lines + [line.replacingBlanks()]
    }

    /// What a terminal would obey is escaped.
    static func safe(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            let isControl = scalar.properties.generalCategory == .control
            result += isControl ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}

extension String {
    /// Blanks that must not break lines, as blanks; none at the end.
    fileprivate func replacingBlanks() -> String {
        var text = String(map { $0 == "\u{a0}" ? " " : $0 })
        while text.last == " " { text.removeLast() }
        return text
    }
}
