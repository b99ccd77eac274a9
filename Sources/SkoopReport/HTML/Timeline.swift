// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis

/// Draws when each cause was at work.
struct Timeline {
    var findings: [Finding]
    var range: ClosedRange<UInt64>
    var times: TimeText

    /// More do not fit on a screen.
    private static let limit = 20

    var html: String {
        guard findings.count > 0, range.upperBound > range.lowerBound else { return "" }
        let shown = findings.prefix(Self.limit)
        let frame = ChartFrame(width: 900, height: Double(shown.count) * 30 + 30, range: range)
        var text = "<svg class=\"timeline\" viewBox=\"0 0 900 \(frame.height.short)\" role=\"img\" "
        text += "aria-label=\"when each cause was at work\">\n"
        for (row, finding) in shown.enumerated() {
            let y = Double(row) * 30 + 8
            let (from, to) = (frame.x(finding.from), frame.x(finding.to))
            let width = max(6, to - from)
            text += "<a href=\"#finding-\(row + 1)\"><rect class=\"row\" x=\"\(frame.left.short)\" y=\"\(y.short)\" "
            text += "width=\"\((900 - frame.left - frame.right).short)\" height=\"22\"/>"
            text += "<rect class=\"when\" x=\"\(from.short)\" y=\"\(y.short)\" width=\"\(width.short)\" height=\"22\"/>"
            let label = "\(row + 1). \(finding.rule.id) \(finding.subject.name)"
            let (style, place) = Self.place(label, from, from + width, frame)
            text += "<text class=\"\(style)\" x=\"\(place.short)\" y=\"\((y + 15).short)\">"
            text += "\(HTMLText.escaped(label))</text></a>\n"
        }
        return text + frame.axis(times) + "</svg>\n"
    }

    /// Where a label stands: where there is more room, and where there is not enough on the bar itself.
    private static func place(
        _ label: String, _ from: Double, _ to: Double, _ frame: ChartFrame
    ) -> (style: String, x: Double) {
        let (before, after) = (from - frame.left, frame.width - frame.right - to)
        // A little more than letters of 12 pixels take.
        guard max(before, after) >= Double(label.count) * 7 + 8 else { return ("inside", from + 8) }
        return before > after ? ("right", from - 8) : ("", to + 8)
    }
}
