// SPDX-License-Identifier: Apache-2.0

/// Puts text into a page so that it stays text.
enum HTMLText {
    /// What would be markup or end an attribute is escaped, and what is no text is shown as its code.
    static func escaped(_ text: String) -> String {
        Screen.safe(text).reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }

    /// The same with places where a long name may be broken.
    static func breakable(_ text: String) -> String {
        escaped(text).reduce(into: "") { result, character in
            result.append(character)
            if character == "_" || character == "/" { result += "<wbr>" }
        }
    }

    /// A list; nothing for no items.
    static func list(_ title: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        return "<h3>\(title)</h3>\n<ul>\n" + items.map { "<li>\(breakable($0))</li>\n" }.joined() + "</ul>\n"
    }
}
