// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// Reads a JSON text (RFC 8259), strictly: one value, UTF-8, no name twice in an object, at most 64 levels.
    ///
    /// Whole numbers of 64 bits are exact; other numbers are the nearest double, and beyond its range an error.
    public init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
        var cursor = JSONCursor(Array(bytes))
        self = try cursor.tree()
        try cursor.finish()
    }

    /// The value of a member; nil where this is no object or has none of that name.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    /// The text of a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// A whole number that is not negative.
    public var unsigned: UInt64? { if case .integer(let number) = self { number } else { nil } }

    /// A whole number.
    public var signed: Int64? {
        switch self {
        case .integer(let number): Int64(exactly: number)
        case .negative(let number): number
        case .null, .bool, .number, .string, .array, .object: nil
        }
    }

    /// Any number.
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .negative(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// True or false.
    public var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

    /// The elements of an array.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The members of an object in their order.
    public var members: [(String, JSONValue)]? { if case .object(let members) = self { members } else { nil } }
}

extension JSONCursor {
    /// The next value with all that is in it.
    fileprivate mutating func tree() throws(JSONError) -> JSONValue {
        switch try form() {
        case .object:
            var members: [(String, JSONValue)] = []
            var names: Set<String> = []
            try object { (cursor, name) throws(JSONError) in
                guard names.insert(name).inserted else { throw cursor.error("the member \"\(name)\" comes twice") }
                members.append((name, try cursor.tree()))
            }
            return .object(members)
        case .array:
            var elements: [JSONValue] = []
            try array { (cursor) throws(JSONError) in elements.append(try cursor.tree()) }
            return .array(elements)
        case .string: return .string(try string())
        case .number: return try number()
        case .true: return try word("true", .bool(true))
        case .false: return try word("false", .bool(false))
        case .null: return try word("null", .null)
        }
    }
}
