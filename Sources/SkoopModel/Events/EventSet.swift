// SPDX-License-Identifier: Apache-2.0

/// The events of one probe as an enumeration: the raw value of a case is the event's name in KubeSkoop's envelope.
///
/// One file per set in `Catalogue/`, named `…Event.swift` after its type; the build collects them into
/// ``Catalogue/eventSets``.
public protocol EventSet: CaseIterable, RawRepresentable, Hashable, Sendable
where RawValue == String, AllCases == [Self] {
    /// The probe's name.
    static var probe: String { get }
    /// Names the probe had before, or has in documents.
    static var probeAliases: [String] { get }
    /// One sentence: what the probe reports.
    static var summary: String { get }
    /// Everything about the event but its name and probe.
    var definition: EventDefinition { get }
}

extension EventSet {
    /// Most probes have had one name only.
    public static var probeAliases: [String] { [] }

    /// The event's type, put together at the first use and then kept, since probes ask for every event.
    public var type: EventType {
        EventTypeStore.shared.type(named: rawValue) {
            let definition = definition
            return EventType(
                name: rawValue, probe: Self.probe, help: definition.help, labels: definition.labels,
                fields: definition.fields, source: definition.source, suggests: definition.suggests)
        }
    }

    /// All types of the set.
    public static var types: [EventType] { allCases.map(\.type) }
}

/// What an ``EventSet`` says of one case; see the properties of ``EventType``.
public struct EventDefinition: Sendable {
    var help: String
    var labels: EventType.Labels
    var fields: [EventField]
    var source: String
    var suggests: String

    /// Makes a definition; see the properties of ``EventType`` for the meaning of each argument.
    public init(
        _ help: String, labels: EventType.Labels, fields: [EventField] = [], source: String, suggests: String
    ) {
        self.help = help
        self.labels = labels
        self.fields = fields
        self.source = source
        self.suggests = suggests
    }
}
