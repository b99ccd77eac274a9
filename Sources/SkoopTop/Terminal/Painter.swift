// SPDX-License-Identifier: Apache-2.0

/// Brings frames to a terminal: what differs from the frame before is written, and nothing else.
public struct Painter: Sendable {
    /// Turns a terminal over to a program that fills it: the other screen, no cursor, no line that breaks by itself.
    public static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J"
    /// Gives it back as it was.
    public static let leave = "\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    /// Whether colours are used.
    public var isColoured: Bool
    private var last: Frame?

    /// Makes a painter of a terminal that has just been entered.
    public init(isColoured: Bool) { self.isColoured = isColoured }

    /// Forgets what the terminal shows, for example since its size has changed.
    public mutating func forget() { last = nil }

    /// The bytes that turn what is shown into this frame.
    public mutating func paint(_ frame: Frame) -> String {
        var text = "\u{1b}[?25l"
        if last == nil || last?.columns != frame.columns { text += "\u{1b}[0m\u{1b}[2J" }
        let before = last?.columns == frame.columns ? last?.lines ?? [] : []
        for position in 0..<max(frame.lines.count, before.count) {
            let line = position < frame.lines.count ? frame.lines[position] : Frame.Line()
            guard position >= before.count || before[position] != line else { continue }
            // Cleared first: at the end of a full line the cursor stands on its last cell.
            text += "\u{1b}[\(position + 1);1H\u{1b}[0m\u{1b}[K" + styled(line, columns: frame.columns)
        }
        if let cursor = frame.cursor { text += "\u{1b}[\(cursor.line + 1);\(cursor.column + 1)H\u{1b}[?25h" }
        last = frame
        return text
    }

    private func styled(_ line: Frame.Line, columns: Int) -> String {
        var text = ""
        var rest = columns
        for piece in line.pieces where rest > 0 {
            let shown = CellText.width(piece.text) > rest ? CellText.prefix(piece.text, rest) : piece.text
            rest -= CellText.width(shown)
            let own = piece.style.parameters(isColoured: isColoured)
            let parameters = [line.isReverse ? "7" : "", own].filter { !$0.isEmpty }
            text += parameters.isEmpty ? shown : "\u{1b}[0;\(parameters.joined(separator: ";"))m\(shown)\u{1b}[0m"
        }
        if line.isReverse, rest > 0 { text += "\u{1b}[0;7m" + String(repeating: " ", count: rest) + "\u{1b}[0m" }
        return text
    }
}
