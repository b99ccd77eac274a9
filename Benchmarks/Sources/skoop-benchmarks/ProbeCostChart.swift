// SPDX-License-Identifier: Apache-2.0
/// Bars for the ratios of all probes, each with the line that it must not pass, as an SVG picture.
struct ProbeCostChart {
    let report: ProbeCostReport
    private let left = 250.0
    private let unit = 44.0
    private let row = 20.0

    var svg: String {
        let rows = report.probes.flatMap { probe in
            probe.loads.filter { $0.runs > 0 }.map {
                (text: "\(probe.name): \($0.workload)", ratio: $0.ratio, allowed: ProbeCost.allowed(probe.name))
            }
        }
        let height = row * Double(rows.count) + 50
        var svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 \(Int(height))\" "
            + "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
            + "<text x=\"\(left)\" y=\"18\" font-weight=\"bold\">a run, in empty programs; the line is the limit</text>\n"
        for (index, bar) in rows.enumerated() {
            let top = 30 + row * Double(index)
            let limit = decimal(left + bar.allowed * unit, digits: 1)
            svg +=
                "<text x=\"\(left - 8)\" y=\"\(top + 12)\" text-anchor=\"end\">\(bar.text)</text>\n"
                + "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(decimal(bar.ratio * unit, digits: 1))\" height=\"14\" "
                + "fill=\"\(bar.ratio <= bar.allowed ? "#1f6fb2" : "#c0392b")\"/>\n"
                + "<line x1=\"\(limit)\" x2=\"\(limit)\" y1=\"\(top - 2)\" y2=\"\(top + 16)\" stroke=\"#c0392b\" "
                + "stroke-width=\"2\"/>\n"
                + "<text x=\"\(decimal(left + bar.ratio * unit + 6, digits: 1))\" y=\"\(top + 12)\">"
                + "\(decimal(bar.ratio, digits: 1))</text>\n"
        }
        return svg + "</svg>\n"
    }
}
