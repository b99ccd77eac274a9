// SPDX-License-Identifier: Apache-2.0

/// What a terminal shows at one moment.
public struct Frame: Sendable, Hashable {
    /// How a piece of a line stands out.
    public enum Style: Sendable, Hashable {
        case plain
        case bold
        case dim
        case reverse
        /// Something is wrong.
        case red
        /// Something may be wrong.
        case yellow
        /// What is chosen, among what stands out.
        case cyan

        /// The parameters of SGR (ECMA-48): without colours those that have one are bold, if anything.
        func parameters(isColoured: Bool) -> String {
            switch self {
            case .plain: ""
            case .bold: "1"
            case .dim: isColoured ? "90" : ""
            case .reverse: "7"
            case .red: isColoured ? "1;31" : "1"
            case .yellow: isColoured ? "33" : ""
            case .cyan: isColoured ? "1;36" : "1"
            }
        }
    }

    /// A line in pieces; a whole line may stand out besides.
    public struct Line: Sendable, Hashable {
        /// A piece of one style.
        public struct Piece: Sendable, Hashable {
            var text: String
            var style: Style
        }

        /// The pieces from left to right.
        public private(set) var pieces: [Piece] = []
        /// Whether the line is shown in reverse, up to the right border.
        public var isReverse = false

        /// Makes a line of one piece.
        public init(_ text: String = "", _ style: Style = .plain) {
            if !text.isEmpty { append(text, style) }
        }

        /// Adds a piece at the right.
        public mutating func append(_ text: String, _ style: Style = .plain) {
            pieces.append(Piece(text: text, style: style))
        }

        /// The line without styles.
        public var text: String { pieces.map(\.text).joined() }
    }

    /// How many cells it has.
    public var columns: Int
    /// The lines from the top; never more than the terminal has.
    public var lines: [Line]
    /// Where the cursor is shown, from 0; nil for nowhere.
    public var cursor: (line: Int, column: Int)? {
        get { cursorPlace.map { ($0.line, $0.column) } }
        set { cursorPlace = newValue.map { Place(line: $0.line, column: $0.column) } }
    }

    private struct Place: Sendable, Hashable {
        var line: Int
        var column: Int
    }
    private var cursorPlace: Place?

    /// Makes a frame.
    public init(columns: Int, lines: [Line] = []) {
        self.columns = columns
        self.lines = lines
    }

    /// The lines without styles.
    public var text: [String] { lines.map(\.text) }
}
