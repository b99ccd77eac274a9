// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopModel
import Testing

/// Rules that hold for every event of the catalogue.
@Suite struct EventLintTests {
    @Test func namesAreUniqueAndProbesKnown() {
        var seen: Set<String> = []
        #expect(!Catalogue.events.isEmpty)
        for type in Catalogue.events {
            #expect(type.name.wholeMatch(of: /[A-Z][A-Za-z0-9_]+/) != nil, "\(type.name)")
            #expect(seen.insert(type.name.lowercased()).inserted, "\(type.name) twice")
            #expect(Catalogue.event(named: type.name.lowercased()) == type)
            #expect(type.probe.wholeMatch(of: /[a-z][a-z0-9]*/) != nil, "\(type.name) of \(type.probe)")
        }
        let probes = Catalogue.eventSets.map { $0.probe }
        #expect(Set(probes).count == probes.count, "one set for each probe")
        for set in Catalogue.eventSets { #expect(!set.summary.isEmpty && set.summary.last != ".", "\(set.probe)") }
    }

    @Test func textsAreComplete() {
        for type in Catalogue.events {
            let texts = [type.help, type.source, type.suggests] + type.fields.map(\.help)
            for text in texts {
                #expect(
                    !text.isEmpty && !text.contains("\n") && !text.contains("  ") && text.first != " "
                        && text.last != " ", "\(type.name): \(text)")
            }
            #expect((8...140).contains(type.help.count) && type.help.last != ".", "\(type.name): \(type.help)")
            #expect(type.suggests.last == ".", "\(type.name): \(type.suggests)")
            #expect(
                type.suggests.first?.isUppercase == true || type.suggests.hasPrefix("net."),
                "\(type.name): \(type.suggests)")
            for field in type.fields { #expect(field.help.last != ".", "\(type.name).\(field.name)") }
        }
    }

    @Test func fieldsAreNamedByTheirForm() {
        for type in Catalogue.events {
            let names = type.fields.map(\.name)
            #expect(Set(names).count == names.count, "\(type.name): \(names)")
            for field in type.fields {
                #expect(field.name.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil, "\(type.name).\(field.name)")
                #expect(field.name.hasSuffix("_ns") == (field.form == .duration), "\(type.name).\(field.name)")
            }
            guard case .fields(let labels) = type.labels else { continue }
            for label in labels { #expect(names.contains(label), "\(type.name) has no field for its label \(label)") }
        }
    }

    @Test func eventReferenceIsUpToDate() throws {
        let url = Fixture.repository("Documentation/events.md")
        let generated = EventReference.markdown()
        if ProcessInfo.processInfo.environment["SKOOP_UPDATE_GOLDEN"] == "1" {
            try generated.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOf: url, encoding: .utf8) == generated,
            "Documentation/events.md is stale; SKOOP_UPDATE_GOLDEN=1 swift test rewrites it")
        for type in Catalogue.events { #expect(generated.contains("\n### \(type.name)\n"), "\(type.name)") }
    }
}
