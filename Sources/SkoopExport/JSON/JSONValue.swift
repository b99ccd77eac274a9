// SPDX-License-Identifier: Apache-2.0

/// A value of a JSON text (RFC 8259), for documents that fit into memory; pages of metrics have an encoder of their own.
public enum JSONValue: Sendable {
    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number that is not negative.
    case integer(UInt64)
    /// A whole number below zero.
    case negative(Int64)
    /// A finite number; others are written as null, which JSON has in their place.
    case number(Double)
    /// A text.
    case string(String)
    /// Elements.
    case array([JSONValue])
    /// Members in the order of writing.
    case object([(String, JSONValue)])

    /// Nothing for `nil`.
    public init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    /// What is wrong: its kind and the sentence for people.
    public init(reason: String, _ message: String) {
        self = .object([("reason", .string(reason)), ("message", .string(message))])
    }

    /// Seconds; nothing for `nil`.
    public init(seconds duration: Duration?) { self = duration.map { .number($0 / .seconds(1)) } ?? .null }

    /// Counts by name, in the order of names.
    public init(_ counts: [String: UInt64]) {
        self = .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
    }

    /// The text, indented by two spaces, with a newline at its end.
    public var text: String {
        var text = ""
        write(to: &text, indent: "")
        return text + "\n"
    }

    /// The text on one line, without blanks.
    public var line: String {
        var text = ""
        writeLine(to: &text)
        return text
    }

    private func writeLine(to text: inout String) {
        switch self {
        case .null, .bool, .integer, .negative, .number, .string: write(to: &text, indent: "")
        case .array(let elements):
            for (position, element) in elements.enumerated() {
                text += position == 0 ? "[" : ","
                element.writeLine(to: &text)
            }
            text += elements.isEmpty ? "[]" : "]"
        case .object(let members):
            for (position, member) in members.enumerated() {
                text += position == 0 ? "{" : ","
                Self.write(member.0, to: &text)
                text += ":"
                member.1.writeLine(to: &text)
            }
            text += members.isEmpty ? "{}" : "}"
        }
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += "\(value)"
        case .negative(let value): text += "\(value)"
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements):
            Self.write(elements, between: "[", "]", to: &text, indent: indent) { element, text, indent in
                element.write(to: &text, indent: indent)
            }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &text, indent: indent) { member, text, indent in
                Self.write(member.0, to: &text)
                text += ": "
                member.1.write(to: &text, indent: indent)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between opening: String, _ closing: String, to text: inout String, indent: String,
        _ body: (Element, inout String, String) -> Void
    ) {
        text += opening
        for (position, element) in elements.enumerated() {
            text += (position == 0 ? "\n" : ",\n") + indent + "  "
            body(element, &text, indent + "  ")
        }
        text += elements.isEmpty ? closing : "\n\(indent)\(closing)"
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\u{0}"..."\u{1f}", "\u{7f}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
