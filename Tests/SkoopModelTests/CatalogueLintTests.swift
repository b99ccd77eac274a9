// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import Testing

/// Rules that hold for every metric of the catalogue.
@Suite struct CatalogueLintTests {
    @Test func namesAreValidAndUnique() {
        var seen: Set<String> = []
        for metric in Catalogue.metrics {
            #expect(metric.name.wholeMatch(of: /[a-zA-Z_][a-zA-Z0-9_]*/) != nil, "\(metric.name)")
            #expect(seen.insert(metric.name).inserted, "\(metric.name) twice")
        }
    }

    @Test func noCounterHasTheNameOfAnotherFamilyBeforeItsTotal() {
        // OpenMetrics names the family of a counter without `_total`.
        let families = Dictionary(grouping: Catalogue.metrics) {
            $0.kind == .counter && $0.name.hasSuffix("_total") ? String($0.name.dropLast("_total".count)) : $0.name
        }
        for (name, metrics) in families { #expect(metrics.count == 1, "\(name)") }
    }

    @Test func aliasesMeanOneMetricAndAreNoNames() {
        let names = Set(Catalogue.metrics.map(\.name))
        var owner: [String: String] = [:]
        for metric in Catalogue.metrics {
            #expect(Set(metric.aliases).count == metric.aliases.count, "\(metric.name) repeats an alias")
            for alias in metric.aliases {
                #expect(!names.contains(alias.name), "\(alias.name) is a name")
                #expect(alias.name.wholeMatch(of: /[a-zA-Z_][a-zA-Z0-9_]*/) != nil, "\(alias.name)")
                #expect(
                    owner.updateValue(metric.name, forKey: alias.name) ?? metric.name == metric.name, "\(alias.name)")
            }
        }
    }

    @Test func ownNamesFollowTheConventions() {
        let own = Catalogue.metrics.filter { !$0.name.hasPrefix("kubeskoop_") }
        #expect(!own.isEmpty)
        for metric in own {
            let name = metric.name
            #expect(name.wholeMatch(of: /(skoop|process)_[a-z0-9]+(_[a-z0-9]+)*/) != nil, "\(name)")
            #expect((metric.kind == .counter) == name.hasSuffix("_total"), "\(name) is a \(metric.kind)")
            let stem = name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
            // The kernel's SNMP tables say octets for bytes.
            let suffixes: [Metric.Unit: [String]] = [
                .bytes: ["_bytes", "_octets"], .seconds: ["_seconds"], .ratio: ["_ratio"],
            ]
            for (unit, endings) in suffixes {
                #expect(
                    (metric.unit == unit) == endings.contains { stem.hasSuffix($0) }, "\(name) has unit \(metric.unit)")
            }
            #expect(metric.unit != .milliseconds && metric.unit != .pages, "\(name) has no base unit")
            #expect(metric.aliases.isEmpty, "\(name)")
        }
    }

    @Test func textsAreCompleteSentences() {
        for metric in Catalogue.metrics {
            let texts = [metric.help, metric.source, metric.rise, metric.correction ?? "x"]
            for text in texts {
                #expect(!text.isEmpty, "\(metric.name) lacks a text")
                #expect(
                    !text.contains("\n") && !text.contains("  ") && text.first != " " && text.last != " ",
                    "\(metric.name): \(text)")
            }
            #expect(metric.help.count >= 8 && metric.help.count <= 140, "\(metric.name): \(metric.help)")
            #expect(metric.help.last != ".", "\(metric.name): \(metric.help)")
            #expect(metric.correction?.last != ".", "\(metric.name)")
            #expect(metric.rise.last == ".", "\(metric.name): \(metric.rise)")
            #expect(
                metric.rise.first?.isUppercase == true || metric.rise.hasPrefix("net."),
                "\(metric.name): \(metric.rise)")
            // Not a sentence's capital: only abbreviations and names of headers begin with one.
            let word = metric.help.prefix { $0.isLetter || $0.isNumber }
            #expect(
                word.first?.isLowercase == true || word.dropFirst().contains { $0.isUppercase },
                "\(metric.name): \(metric.help)")
        }
    }

    @Test func labelNamesAreValidAndUnique() {
        for metric in Catalogue.metrics {
            let labels = metric.labelNames
            #expect(Set(labels).count == labels.count, "\(metric.name): \(labels)")
            for label in labels {
                #expect(
                    label.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil && label != "le" && label != "quantile",
                    "\(metric.name): \(label)")
            }
        }
    }

    @Test func probesAreDescribedOnce() {
        var spellings: Set<String> = []
        for probe in Catalogue.probes {
            #expect(probe.name.wholeMatch(of: /[a-z][a-z0-9]*/) != nil)
            for name in [probe.name] + probe.aliases { #expect(spellings.insert(name).inserted, "\(name) twice") }
            #expect(!probe.summary.isEmpty && probe.summary.last != ".", "\(probe.name)")
            let sets = Catalogue.sets.filter { $0.probe == probe.name }
            #expect(sets.filter { !$0.isExtension }.count == 1, "\(probe.name)")
            #expect(probe.metrics.allSatisfy { $0.probe == probe.name })
        }
        #expect(Catalogue.probes.reduce(0) { $0 + $1.metrics.count } == Catalogue.metrics.count)
    }

    @Test func decimalsBelongToUnitsThatHaveFractions() {
        for metric in Catalogue.metrics where metric.decimals != 0 {
            #expect(metric.unit == .seconds || metric.name == "skoop_cpu_limit_cores", "\(metric.name)")
            #expect((1...9).contains(metric.decimals))
        }
    }
}
