// SPDX-License-Identifier: Apache-2.0

/// The catalogue's events as a document.
public enum EventReference {
    /// The reference of all events in Markdown, probe by probe.
    public static func markdown() -> String {
        let sets = Catalogue.eventSets.sorted { $0.probe < $1.probe }
        var text = """
            # Event reference

            Generated from the catalogue in `Sources/SkoopModel/Catalogue`; do not edit.

            \(Catalogue.events.count) events of \(sets.count) probes. An event is one line of JSON after \
            [schema/event-1.json](schema/event-1.json): KubeSkoop's envelope (`timestamp`, `type`, `labels`, `msg`) with \
            KubeSkoop's names, and beside it the probe, the node, the entity, `count`, `first`, `last`, the ends \
            (`tuple`), the process and the typed `fields` that are listed here.

            The labels of the envelope are *both ends* (\(TupleLabels.names.map(code).joined(separator: ", "))), *entity* \
            (`pod`, `namespace`, `node`), some of the fields, or null. Repeats of an event are folded where type, \
            namespace, ends, process and the fields of the forms string and flag are the same; a folded event has the \
            fields of the first, of durations the longest.


            """
        text += sets.map { "[\($0.probe)](#\($0.probe))" }.joined(separator: " · ") + "\n"
        for set in sets { text += section(set) }
        return text
    }

    private static func section(_ set: any EventSet.Type) -> String {
        var text = "\n## \(set.probe)\n\n\(set.summary.prefix(1).uppercased())\(set.summary.dropFirst()).\n"
        for type in set.types {
            text += """

                ### \(type.name)

                \(type.help.prefix(1).uppercased())\(type.help.dropFirst()). \(type.suggests)

                Source: \(type.source). Labels: \(labels(of: type)).

                """
            guard !type.fields.isEmpty else { continue }
            text += "\n| Field | Form | Meaning |\n|---|---|---|\n"
            for field in type.fields {
                text += "| \(code(field.name)) | \(field.form.rawValue) | \(MetricReference.escaped(field.help)) |\n"
            }
        }
        return text
    }

    private static func labels(of type: EventType) -> String {
        switch type.labels {
        case .tuple: "both ends"
        case .entity: "entity"
        case .fields(let names): names.isEmpty ? "null" : names.map(code).joined(separator: ", ")
        }
    }

    private static func code(_ text: String) -> String { "`\(text)`" }
}
