// SPDX-License-Identifier: Apache-2.0

/// What kind of event it is: its name, what it tells, and which fields it has.
///
/// The catalogue's own are cases of an ``EventSet``, so that a misspelt one does not compile.
public struct EventType: Sendable, Hashable {
    /// Which labels KubeSkoop's envelope carries.
    public enum Labels: Sendable, Hashable {
        /// The thirteen of ``TupleLabels``.
        case tuple
        /// `pod`, `namespace`, `node` of the entity.
        case entity
        /// Only the named fields; none makes it null.
        case fields([String] = [])
    }

    /// The name in the envelope, KubeSkoop's where it has the event.
    public var name: String
    /// The probe that reports it.
    public var probe: String
    /// One sentence: what happened.
    public var help: String
    /// The envelope's labels.
    public var labels: Labels
    /// The typed fields, in the order in which their values are stored.
    public var fields: [EventField]
    /// Where the kernel says so: hook and file.
    public var source: String
    /// What it suggests to somebody looking for a fault.
    public var suggests: String

    /// Makes a type; see the properties for the meaning of each argument.
    public init(
        name: String, probe: String, help: String, labels: Labels, fields: [EventField] = [], source: String,
        suggests: String
    ) {
        self.name = name
        self.probe = probe
        self.help = help
        self.labels = labels
        self.fields = fields
        self.source = source
        self.suggests = suggests
    }

    /// Types are the same when their names are.
    public static func == (one: EventType, other: EventType) -> Bool { one.name == other.name }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// A typed field of an event, beside time, entity, ends and process, which every event may have.
public struct EventField: Sendable, Hashable {
    /// What its value is.
    public enum Form: String, Sendable, Hashable, CaseIterable {
        /// A text.
        case string
        /// A whole number.
        case integer
        /// Nanoseconds.
        case duration
        /// True or false.
        case flag
        /// Texts, for example the frames of a stack.
        case list
    }

    /// The key in JSON, in snake case; a duration ends in `_ns`.
    public var name: String
    /// What its value is.
    public var form: Form
    /// What it says.
    public var help: String

    /// Makes a field.
    public init(_ name: String, _ form: Form, _ help: String) {
        self.name = name
        self.form = form
        self.help = help
    }
}

/// The value of an event's field.
public enum EventValue: Sendable, Hashable {
    /// A text.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// Nanoseconds.
    case duration(UInt64)
    /// True or false.
    case flag(Bool)
    /// Texts.
    case list([String])

    /// The form the value has.
    public var form: EventField.Form {
        switch self {
        case .string: .string
        case .integer: .integer
        case .duration: .duration
        case .flag: .flag
        case .list: .list
        }
    }
}
