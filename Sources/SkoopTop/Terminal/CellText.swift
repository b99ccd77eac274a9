// SPDX-License-Identifier: Apache-2.0

/// Text in the cells of a terminal.
public struct CellText: Sendable, Hashable {
    /// Whether the terminal shows Unicode; otherwise every character beyond ASCII is shown as `?`.
    public var isUnicode: Bool

    /// Makes a way of writing.
    public init(isUnicode: Bool) { self.isUnicode = isUnicode }

    /// What a terminal would obey, as text, and what it cannot show, as `?`.
    public func safe(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
                result += scalar.escaped(asASCII: true)
            default: result += scalar.isASCII || isUnicode ? String(scalar) : "?"
            }
        }
    }

    /// How many cells a safe text takes.
    public static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// After the East Asian widths of Unicode (UAX 11), as coarse as terminals have them.
    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
            return 2
        default: return 1
        }
    }

    /// A safe text in so many cells, filled up with blanks at its right; what is too long loses its end.
    public static func left(_ text: String, _ cells: Int) -> String {
        let text = width(text) > cells ? prefix(text, cells - 1) + (cells > 0 ? "~" : "") : text
        return text + String(repeating: " ", count: max(0, cells - width(text)))
    }

    /// A safe text in so many cells, filled up with blanks at its left.
    public static func right(_ text: String, _ cells: Int) -> String {
        let text = width(text) > cells ? prefix(text, cells) : text
        return String(repeating: " ", count: max(0, cells - width(text))) + text
    }

    /// A safe text in so many cells; what is too long loses its middle, since the ends of names tell most.
    public static func name(_ text: String, _ cells: Int) -> String {
        guard width(text) > cells, cells > 4 else { return left(text, cells) }
        let tail = suffix(text, (cells - 1) * 3 / 5)
        return left(prefix(text, cells - 1 - width(tail)) + "~" + tail, cells)
    }

    /// The beginning that fits.
    static func prefix(_ text: String, _ cells: Int) -> String {
        var rest = cells
        return String(
            text.prefix { character in
                rest -= width(String(character))
                return rest >= 0
            })
    }

    private static func suffix(_ text: String, _ cells: Int) -> String {
        var rest = cells
        return String(
            text.reversed().prefix { character in
                rest -= width(String(character))
                return rest >= 0
            }.reversed())
    }
}
