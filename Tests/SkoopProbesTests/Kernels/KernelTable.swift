// SPDX-License-Identifier: Apache-2.0

/// What several kernels offer, side by side, in Markdown.
struct KernelTable {
    /// Oldest first.
    var kernels: [(series: String, report: KernelReport)]

    /// A table per kind of row, and then the reasons that their numbers stand for.
    var markdown: String {
        var notes: [String] = []
        var text = ""
        for (kind, title) in [
            ("probe", "Probe"), ("alternative", "Alternative, tried as well"), ("hook", "Hook"), ("feature", "Feature"),
            ("time", "To begin, ms, emulated"),
        ] where kernels.contains(where: { $0.report.rows.contains { $0.kind == kind } }) {
            text += "| \(title) | " + kernels.map(\.series).joined(separator: " | ") + " |\n"
            text += "|" + String(repeating: "---|", count: kernels.count + 1) + "\n"
            for (names, rows) in groups(of: kind) {
                let cells = rows.map { row in row.map { cell($0, &notes) } ?? "" }
                text += "| " + ([names.joined(separator: ", ")] + cells).joined(separator: " | ") + " |\n"
            }
            text += "\n"
        }
        for (index, note) in notes.enumerated() { text += "\(index + 1). \(note)\n" }
        return text
    }

    /// Names whose rows are alike on all kernels share a line, where the first of them stands.
    private func groups(of kind: String) -> [(names: [String], rows: [KernelReport.Row?])] {
        var groups: [(names: [String], rows: [KernelReport.Row?])] = []
        for name in names(of: kind) {
            let rows = kernels.map { kernel in
                kernel.report.rows.first { $0.kind == kind && $0.name == name }.map { row in
                    var row = row
                    row.name = ""
                    return row
                }
            }
            if let index = groups.firstIndex(where: { $0.rows == rows }) {
                groups[index].names.append(name)
            } else {
                groups.append(([name], rows))
            }
        }
        return groups
    }

    private func names(of kind: String) -> [String] {
        var names: [String] = []
        for row in kernels.flatMap(\.report.rows) where row.kind == kind && !names.contains(row.name) {
            names.append(row.name)
        }
        return names
    }

    private func cell(_ row: KernelReport.Row, _ notes: inout [String]) -> String {
        let what = row.what.isEmpty ? "no" : row.what.split(separator: ", ").joined(separator: "<br>")
        guard !row.why.isEmpty else { return what }
        let note = row.why.replacing("<", with: "&lt;").replacing("|", with: "\\|")
        let number = (notes.firstIndex(of: note) ?? notes.count) + 1
        if number > notes.count { notes.append(note) }
        return "\(what) (\(number))"
    }
}
