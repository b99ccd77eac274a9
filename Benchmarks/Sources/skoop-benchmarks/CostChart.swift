// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Cost of a scrape over the number of namespaces, both axes logarithmic, as an SVG picture.
struct CostChart {
    let points: [SnapshotBenchmark.Point]
    private let width = 720.0
    private let height = 400.0
    private let left = 70.0
    private let right = 205.0
    private let top = 30.0
    private let bottom = 50.0

    var svg: String {
        let sockets = Set(points.map(\.sockets)).sorted()
        var lines: [(name: String, color: String, dashed: Bool, values: [(Double, Double)])] = []
        for count in sockets {
            let some = points.filter { $0.sockets == count }
            lines.append(
                ("procfs in C, \(count) sockets", "#c0392b", count > 0, some.map { (Double($0.namespaces), $0.procfs) })
            )
            lines.append(
                ("skoop, \(count) sockets", "#1f6fb2", count > 0, some.map { (Double($0.namespaces), $0.skoop) }))
        }
        let costs = points.flatMap { [$0.skoop, $0.procfs] }
        let x = Axis(points.map { Double($0.namespaces) }, from: left, to: width - right)
        let y = Axis(costs, from: height - bottom, to: top, wholeDecades: true)

        var svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) \(Int(height))\" "
            + "font-family=\"sans-serif\" font-size=\"12\">\n"
            + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
            + text("One scrape of all default probes", width / 2 - 60, 18, anchor: "middle", weight: "bold")
            + text("network namespaces", (left + width - right) / 2, height - 12, anchor: "middle")
        for decade in y.decades {
            let at = y.place(decade)
            svg +=
                "<line x1=\"\(left)\" x2=\"\(width - right)\" y1=\"\(number(at))\" y2=\"\(number(at))\" stroke=\"#ddd\"/>\n"
                + text(Spread.text(decade), left - 8, at + 4, anchor: "end")
        }
        for count in Set(points.map(\.namespaces)).sorted() {
            svg += text(String(count), x.place(Double(count)), height - bottom + 18, anchor: "middle")
        }
        for line in lines {
            let path = line.values.map { "\(number(x.place($0.0))),\(number(y.place($0.1)))" }.joined(separator: " ")
            let dash = line.dashed ? " stroke-dasharray=\"6 4\"" : ""
            svg += "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(line.color)\" stroke-width=\"2\"\(dash)/>\n"
            for value in line.values {
                svg +=
                    "<circle cx=\"\(number(x.place(value.0)))\" cy=\"\(number(y.place(value.1)))\" r=\"3\" "
                    + "fill=\"\(line.color)\"/>\n"
            }
        }
        for (position, line) in lines.enumerated() {
            let at = top + 14 + Double(position) * 20
            let dash = line.dashed ? " stroke-dasharray=\"6 4\"" : ""
            svg +=
                "<line x1=\"\(width - right + 14)\" x2=\"\(width - right + 40)\" y1=\"\(at - 4)\" y2=\"\(at - 4)\" "
                + "stroke=\"\(line.color)\" stroke-width=\"2\"\(dash)/>\n"
                + text(line.name, width - right + 46, at, anchor: "start")
        }
        return svg + "</svg>\n"
    }

    private func text(_ text: String, _ x: Double, _ y: Double, anchor: String, weight: String = "normal") -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" font-weight=\"\(weight)\">\(text)</text>\n"
    }

    private func number(_ value: Double) -> String { decimal(value, digits: 1) }
}

/// A logarithmic axis.
private struct Axis {
    private let low: Double
    private let high: Double
    private let from: Double
    private let to: Double

    init(_ values: [Double], from: Double, to: Double, wholeDecades: Bool = false) {
        let logarithms = values.map { log10($0) }
        let least = logarithms.min() ?? 0
        let most = logarithms.max() ?? 1
        low = wholeDecades ? least.rounded(.down) : least
        high = wholeDecades ? most.rounded(.up) : max(most, least + 1)
        self.from = from
        self.to = to
    }

    func place(_ value: Double) -> Double { from + (log10(value) - low) / (high - low) * (to - from) }

    /// The powers of ten on the axis.
    var decades: [Double] { stride(from: low.rounded(.up), through: high, by: 1).map { pow(10, $0) } }
}
