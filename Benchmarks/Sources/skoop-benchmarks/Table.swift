// SPDX-License-Identifier: Apache-2.0

/// A table of results, for the terminal and for Markdown. The first column is text, the others are figures.
struct Table {
    let title: String
    let header: [String]
    var rows: [[String]] = []
    var notes: [String] = []

    init(_ title: String, _ header: [String]) {
        self.title = title
        self.header = header
    }

    /// Columns in line for a fixed-width font.
    var terminal: String {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            return "  " + padded.joined(separator: "  ") + "\n"
        }
        let rule = "  " + widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
        return "\n\(title)\n" + line(header) + rule + rows.map(line).joined() + notes.map { "  \($0)\n" }.joined()
    }

    /// The same as Markdown.
    var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        let rule = line(header.indices.map { $0 == 0 ? "---" : "---:" })
        return "## \(title)\n\n" + line(header) + rule + rows.map(line).joined()
            + notes.map { "\n\($0)\n" }.joined()
    }
}

/// A limit that a measurement must keep.
struct Bar {
    let what: String
    let measured: String
    let allowed: String
    let kept: Bool

    /// A ratio that must be at least so large.
    static func atLeast(_ limit: Double, _ what: String, _ ratio: Double) -> Bar {
        Bar(
            what: what, measured: ratioText(ratio, 1), allowed: "≥ \(decimal(limit, digits: 0))x", kept: ratio >= limit)
    }

    /// A figure that must stay below.
    static func below(_ limit: Double, _ what: String, _ value: Double, unit: String) -> Bar {
        Bar(
            what: what, measured: "\(decimal(value, digits: 1)) \(unit)",
            allowed: "< \(decimal(limit, digits: 0)) \(unit)", kept: value < limit)
    }
}
