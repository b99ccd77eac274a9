// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Which events a condition counts.
public struct EventQuery: Sendable, Hashable {
    /// What a field must be.
    public enum Predicate: Sendable, Hashable {
        /// One of some texts; numbers and flags are compared as they are written.
        case oneOf([String])
        /// None of some texts.
        case noneOf([String])
        /// At least a number; of a duration, in seconds.
        case atLeast(Double)
        /// At most a number; of a duration, in seconds.
        case atMost(Double)
    }

    /// A field and what it must be.
    public struct Filter: Sendable, Hashable {
        /// The name of a field of the type, or one of ``EventQuery/commonFields``.
        public var field: String
        /// What it must be.
        public var predicate: Predicate

        /// Makes a filter; rules made in code use the query's `where` and `except`, which check the name.
        public init(field: String, predicate: Predicate) {
            self.field = field
            self.predicate = predicate
        }
    }

    /// What every event may have: `protocol`, `src`, `dst`, `sport`, `dport` and `command`.
    public static let commonFields = ["protocol", "src", "dst", "sport", "dport", "command"]

    /// The types; events of all of them count.
    public var types: [EventType]
    /// All must hold; an event without the field does not count.
    public var filters: [Filter] = []

    /// Events of one type.
    public init(_ event: some EventSet) { types = [event.type] }

    /// Events of two types of a set.
    public init<Events: EventSet>(_ event: Events, _ others: Events...) { types = [event.type] + others.map(\.type) }

    /// Events of some types.
    public init(types: [EventType]) { self.types = types }

    /// Only events with a field that is one of some texts.
    ///
    /// - Precondition: each type has the field.
    public func `where`(_ field: String, _ values: String...) -> EventQuery { filtered(field, .oneOf(values)) }

    /// Only events with a field that is none of some texts.
    ///
    /// - Precondition: each type has the field.
    public func except(_ field: String, _ values: String...) -> EventQuery { filtered(field, .noneOf(values)) }

    /// Only events with a field that is at least a number; of a duration, in seconds.
    ///
    /// - Precondition: each type has the field.
    public func `where`(_ field: String, atLeast bound: Double) -> EventQuery { filtered(field, .atLeast(bound)) }

    /// Only events with a field that is at most a number; of a duration, in seconds.
    ///
    /// - Precondition: each type has the field.
    public func `where`(_ field: String, atMost bound: Double) -> EventQuery { filtered(field, .atMost(bound)) }

    private func filtered(_ field: String, _ predicate: Predicate) -> EventQuery {
        for type in types {
            precondition(
                Self.commonFields.contains(field) || type.fields.contains { $0.name == field },
                "\(type.name) has no field \(field)")
        }
        var copy = self
        copy.filters.append(Filter(field: field, predicate: predicate))
        return copy
    }

    /// Whether an event counts.
    func allows(_ event: Event) -> Bool {
        filters.allSatisfy { filter in
            guard let value = Self.value(of: filter.field, in: event) else { return false }
            switch filter.predicate {
            case .oneOf(let texts): return texts.contains(value.text)
            case .noneOf(let texts): return !texts.contains(value.text)
            case .atLeast(let bound): return value.number.map { $0 >= bound } ?? false
            case .atMost(let bound): return value.number.map { $0 <= bound } ?? false
            }
        }
    }

    private static func value(of field: String, in event: Event) -> EventValue? {
        switch field {
        case "protocol": event.tuple.map { .string($0.protocolName) }
        case "src": event.tuple.map { .string($0.source.address.description) }
        case "dst": event.tuple.map { .string($0.destination.address.description) }
        case "sport": event.tuple.map { .integer(Int64($0.source.port)) }
        case "dport": event.tuple.map { .integer(Int64($0.destination.port)) }
        case "command": event.process.map { .string($0.command) }
        default: event[field: field]
        }
    }

    /// The types and filters in words.
    public var name: String {
        let names = types.map(\.name).joined(separator: " + ")
        guard !filters.isEmpty else { return names }
        let words = filters.map { filter in
            switch filter.predicate {
            case .oneOf(let texts): "\(filter.field) \(texts.joined(separator: " or "))"
            case .noneOf(let texts): "\(filter.field) not \(texts.joined(separator: " or "))"
            case .atLeast(let bound): "\(filter.field) from \(bound)"
            case .atMost(let bound): "\(filter.field) up to \(bound)"
            }
        }
        return "\(names) (\(words.joined(separator: ", ")))"
    }
}

extension EventValue {
    /// The value as a number, durations in seconds.
    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .duration(let nanoseconds): Double(nanoseconds) / 1e9
        case .flag(let flag): flag ? 1 : 0
        case .string, .list: nil
        }
    }
}
