// SPDX-License-Identifier: Apache-2.0
import SkoopExport

/// Tables for pipes and programs.
extension TopTable {
    /// A line of titles and one for each row, with all columns, as wide as they need.
    ///
    /// - Parameters:
    ///   - rows: the rows; see ``rows(by:isReversed:_:)``.
    ///   - cells: what is shown as it is.
    public static func text(_ rows: [Row], _ cells: CellText) -> String {
        var table = [["POD"] + TopColumn.all.map(\.title) + ["FINDING"]]
        for row in rows {
            let finding = row.findings.first.map { cells.safe($0.rule) + ($0.isOpen ? "" : " (ended)") } ?? "-"
            table.append(
                [cells.safe(row.entity.name)] + row.numbers.map { $0.map { TopNumber.text($0) } ?? "-" } + [finding])
        }
        let widths = table[0].indices.map { column in table.map { CellText.width($0[column]) }.max() ?? 0 }
        return table.map { row in
            var line = CellText.left(row[0], widths[0])
            for column in row.indices.dropFirst().dropLast() {
                line += "  " + CellText.right(row[column], widths[column])
            }
            return line + "  " + row[row.count - 1] + "\n"
        }.joined()
    }

    /// The rows as JSON, `skoop.top/1` (`Documentation/schema/top-1.json`).
    public func json(_ rows: [Row]) -> String {
        JSONValue.object([
            ("schema", .string("skoop.top/1")),
            ("time", .integer(time)),
            ("seconds", seconds.map { .number($0) } ?? .null),
            ("rows", .array(rows.map(\.json))),
        ]).text
    }
}

extension TopTable.Row {
    fileprivate var json: JSONValue {
        .object([
            ("k8s_node", .string(entity.node)),
            ("k8s_namespace", .string(entity.namespace)),
            ("k8s_pod", .string(entity.pod)),
            (
                "values",
                .object(zip(TopColumn.all, numbers).map { ($0.name, $1.map { .number($0) } ?? .null) })
            ),
            ("findings", .array(findings.map(\.json))),
        ])
    }
}

extension TopFinding {
    fileprivate var json: JSONValue {
        .object([
            ("case", .string(rule)),
            ("text", .string(text)),
            ("confidence", .number(confidence)),
            ("last_seen", .integer(time)),
            ("open", .bool(isOpen)),
        ])
    }
}
