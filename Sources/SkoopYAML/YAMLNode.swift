// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML document, with the line it stands on.
public struct YAMLNode: Sendable, Hashable {
    /// What a node holds.
    public enum Content: Sendable, Hashable {
        /// A single value; `isPlain` when it was written without quotes, and so may mean a number, a truth value or nothing.
        case scalar(String, isPlain: Bool)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the order of the document; no key occurs twice.
        case mapping([Entry])
    }

    /// A key of a mapping with its value.
    public struct Entry: Sendable, Hashable {
        /// The key's text.
        public var key: String
        /// The line of the key, counted from 1.
        public var line: Int
        /// The value.
        public var value: YAMLNode

        /// Makes an entry.
        public init(key: String, line: Int, value: YAMLNode) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    /// What the node holds.
    public var content: Content
    /// Where it starts, counted from 1.
    public var line: Int

    /// Makes a node.
    public init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }

    /// Whether nothing was written: an empty value, `~` or `null`.
    public var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The text of a scalar that is not null.
    public var string: String? {
        guard case .scalar(let text, _) = content, !isNull else { return nil }
        return text
    }

    /// The truth value of an unquoted `true`, `yes` or `on` and their opposites, as YAML 1.1 and 1.2 know them.
    public var bool: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: return nil
        }
    }

    /// The value of an unquoted whole number in decimal digits.
    public var integer: Int64? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        return Int64(text)
    }

    /// The value of an unquoted number in decimal digits, finite.
    public var number: Double? {
        guard case .scalar(let text, isPlain: true) = content, text.allSatisfy({ "+-.eE0123456789".contains($0) })
        else {
            return nil
        }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The elements of a list; none for null, `nil` for what is no list.
    public var sequence: [YAMLNode]? {
        if case .sequence(let elements) = content { return elements }
        return isNull ? [] : nil
    }

    /// The entries of a mapping; none for null, `nil` for what is no mapping.
    public var mapping: [Entry]? {
        if case .mapping(let entries) = content { return entries }
        return isNull ? [] : nil
    }

    /// What the node is, for messages: `the string "x"`, `a list`.
    public var form: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar where isNull: "nothing"
        case .scalar(let text, _) where bool != nil || integer != nil: text
        case .scalar(let text, _): "the string \"\(text)\""
        }
    }
}
