// SPDX-License-Identifier: Apache-2.0

/// Maps times and values to a drawing.
struct ChartFrame {
    let width: Double
    let height: Double
    let range: ClosedRange<UInt64>
    /// What stays free at the left, right, top and bottom.
    var left = 8.0, right = 8.0, top = 6.0, bottom = 20.0

    init(width: Double, height: Double, range: ClosedRange<UInt64>) {
        self.width = width
        self.height = height
        self.range = range
    }

    /// Where a time is drawn.
    func x(_ time: UInt64) -> Double {
        let length = Double(max(1, range.upperBound - range.lowerBound))
        let part = time <= range.lowerBound ? 0 : Double(time - range.lowerBound) / length
        return left + min(1, part) * (width - left - right)
    }

    /// Where a part of the largest value is drawn.
    func y(_ part: Double) -> Double { top + (1 - min(1, max(0, part))) * (height - top - bottom) }

    /// The line at the bottom with a few times below it.
    func axis(_ times: TimeText) -> String {
        let base = y(0)
        var text = "<path class=\"axis\" d=\"M\(left.short) \(base.short)H\((width - right).short)\"/>\n"
        let seconds = Double(range.upperBound - range.lowerBound) / 1e9
        let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400]
        let step = UInt64(steps.first { seconds / $0 <= 5 } ?? (seconds / 5).rounded(.up)) * 1_000_000_000
        let isFine = step % 60_000_000_000 != 0
        // Half of a label, in the large letters of narrow windows.
        let margin = isFine ? 34.0 : 24
        var time = (range.lowerBound + step - 1) / step * step
        while time <= range.upperBound {
            let place = x(time)
            if place > left + margin, place < width - right - margin {
                let label = times.time(time)
                text += "<path class=\"tick\" d=\"M\(place.short) \(base.short)v4\"/>"
                text += "<text class=\"tick\" x=\"\(place.short)\" y=\"\((base + 15).short)\">"
                text += "\(isFine ? label : String(label.prefix(5)))</text>\n"
            }
            time += step
        }
        return text
    }
}

extension Double {
    /// A coordinate; a tenth of a pixel is enough.
    var short: String {
        let tenths = (self * 10).rounded()
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }
}
