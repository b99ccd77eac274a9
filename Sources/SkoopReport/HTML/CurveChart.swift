// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis

/// Draws a curve around an incident: counts as columns, levels as a line.
struct CurveChart {
    var curve: Curve
    /// From when to when the incident was.
    var incident: ClosedRange<UInt64>
    var range: ClosedRange<UInt64>
    var times: TimeText
    /// Whether it speaks against the cause.
    var isContradiction: Bool
    /// What it shows and means.
    var title: String
    var note: String

    /// The drawing with its caption; nil where there is nothing to be drawn.
    var html: String? {
        let values = curve.points.compactMap(\.value).filter(\.isFinite)
        guard values.count > 1, let largest = values.max() else { return nil }
        let top = max(largest, (curve.threshold ?? 0) * 1.05)
        let frame = ChartFrame(width: 560, height: 130, range: range)
        let word = HTMLText.escaped(title)
        var text = "<figure class=\"chart\(isContradiction ? " against" : "")\">\n"
        text += "<figcaption>\(HTMLText.breakable(title))"
        if !note.isEmpty { text += "<small>\(HTMLText.breakable(note))</small>" }
        text += "</figcaption>\n"
        text += "<svg viewBox=\"0 0 560 130\" role=\"img\" aria-label=\"\(word)\">\n"
        let (from, to) = (frame.x(incident.lowerBound), frame.x(incident.upperBound))
        text += "<rect class=\"incident\" x=\"\(from.short)\" y=\"\(frame.top.short)\" "
        text += "width=\"\(max(2, to - from).short)\" height=\"\((frame.y(0) - frame.top).short)\"/>\n"
        text += top > 0 ? curve.isSum ? columns(frame, top) : line(frame, top) : ""
        if let threshold = curve.threshold, threshold > 0, top > 0 {
            let height = frame.y(threshold / top)
            text +=
                "<path class=\"threshold\" d=\"M\(frame.left.short) \(height.short)H\((560 - frame.right).short)\"/>\n"
            let label = HTMLText.escaped("threshold \(curve.quantity.text(of: threshold))")
            let above = height > 26 ? height - 4 : height + 13
            text += "<text class=\"right\" x=\"\((560 - frame.right).short)\" y=\"\(above.short)\">\(label)</text>\n"
        }
        text += frame.axis(times)
        let largestText = HTMLText.escaped(curve.quantity.text(of: largest) + (curve.isSum ? " at most" : ""))
        text += "<text class=\"value\" x=\"\(frame.left.short)\" y=\"16\">\(largestText)</text>\n"
        return text + "</svg>\n</figure>\n"
    }

    private func columns(_ frame: ChartFrame, _ top: Double) -> String {
        var text = ""
        var last = range.lowerBound
        for point in curve.points {
            defer { last = point.time }
            guard let value = point.value, value > 0, value.isFinite else { continue }
            let (from, to) = (frame.x(last), frame.x(point.time))
            let height = frame.y(value / top)
            text += "<rect class=\"bar\" x=\"\(from.short)\" y=\"\(height.short)\" "
            text += "width=\"\(max(1, to - from - 1).short)\" height=\"\(max(1, frame.y(0) - height).short)\"><title>"
            text += HTMLText.escaped("\(times.time(point.time)): \(curve.quantity.text(of: value))")
            text += "</title></rect>\n"
        }
        return text
    }

    private func line(_ frame: ChartFrame, _ top: Double) -> String {
        var path = ""
        var isDown = false
        for point in curve.points {
            guard let value = point.value, value.isFinite else {
                isDown = false
                continue
            }
            path += "\(isDown ? "L" : "M")\(frame.x(point.time).short) \(frame.y(value / top).short)"
            isDown = true
        }
        return "<path class=\"line\" d=\"\(path)\"/>\n"
    }
}
