// SPDX-License-Identifier: Apache-2.0

/// What there is to say about a metric's name, in whatever spelling it was given.
public struct Explanation: Sendable, Hashable, CustomStringConvertible {
    /// What was asked for.
    public var spelling: String
    /// Which metric it means; unknown where it is the name of a probe.
    public var resolution: Resolution
    /// The probe that is called so, where the spelling is a probe's name.
    public var probe: Catalogue.Probe?

    /// The metric, where there is one and no doubt.
    public var metric: Metric? {
        switch resolution {
        case .exact(let metric), .alias(let metric, _): metric
        case .probable(let metrics): metrics.count == 1 ? metrics[0] : nil
        case .unknown: nil
        }
    }

    /// How the spelling relates to the metric; empty for an exact name.
    public var note: String {
        if probe != nil { return "a probe with these metrics" }
        switch resolution {
        case .exact: return ""
        case .alias(let metric, let alias):
            switch alias.era {
            case .ack:
                return
                    "written so in the ACK document and exported by no current release; the metric is \(metric.name), which "
                    + "keeps its own meaning whatever a document says of it"
            case .v0: return "KubeSkoop's name before 1.0.0; the metric is now \(metric.name)"
            case .v1beta:
                return "KubeSkoop's name from September 2023 to January 2024; the metric is now \(metric.name)"
            }
        case .probable(let metrics) where metrics.count == 1:
            return "no metric is called so; the closest is \(metrics[0].name)"
        case .probable: return "no metric is called so; these come closest"
        case .unknown: return "no metric is called so, and none comes close"
        }
    }

    /// The explanation as lines of text for a terminal.
    public var description: String {
        var text = TextBlock()
        if let metric {
            text.line(metric.name)
            if !note.isEmpty { text.item("asked for", "\(spelling): \(note)") }
            text.add(metric)
            return text.lines
        }
        text.line("\(spelling): \(note)")
        if let probe {
            text.item("probe", "\(probe.name): \(probe.summary)")
            for metric in probe.metrics { text.item(metric.name, metric.help) }
        } else if case .probable(let metrics) = resolution {
            for metric in metrics { text.item(metric.name, metric.help) }
        }
        return text.lines
    }
}

extension Catalogue {
    /// Explains a metric in any spelling, or a probe.
    public static func explain(_ spelling: String) -> Explanation {
        let probe = probe(named: spelling)
        return Explanation(spelling: spelling, resolution: probe == nil ? resolve(spelling) : .unknown, probe: probe)
    }
}

extension Metric {
    /// The unit in words, empty for plain counts.
    public var unitName: String { unit == .none ? "" : unit.rawValue }

    /// All label names in the order of export; configured additional labels stand after the entity's own.
    public var labelNames: [String] {
        switch labels {
        case .entity(let extra): ["k8s_node", "k8s_namespace", "k8s_pod"] + extra
        case .node(let extra): ["k8s_node"] + extra
        case .plain(let extra): extra
        }
    }
}

/// Lines of a terminal: an indented word, and text wrapped beside it.
private struct TextBlock {
    private(set) var lines = ""
    private static let indent = 14
    private static let width = 100

    mutating func line(_ text: String) { lines += text + "\n" }

    mutating func item(_ title: String, _ text: String) {
        var current = "  " + title
        let pad = String(repeating: " ", count: Self.indent)
        // A title wider than its column has the line to itself.
        if current.count + 1 > Self.indent {
            line(current)
            current = pad
        } else {
            current += String(repeating: " ", count: Self.indent - current.count)
        }
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, current.count + 1 + word.count > Self.width {
                line(current)
                current = pad
                isEmpty = true
            }
            current += isEmpty ? String(word) : " \(word)"
            isEmpty = false
        }
        line(current)
    }

    mutating func add(_ metric: Metric) {
        item("meaning", metric.help)
        item("kind", metric.kind.rawValue + (metric.unitName.isEmpty ? "" : ", in \(metric.unitName)"))
        item("probe", metric.probe)
        item("labels", metric.labelNames.isEmpty ? "none" : metric.labelNames.joined(separator: ", "))
        item("source", metric.source)
        item("a rise", metric.rise)
        if let correction = metric.correction { item("beware", correction) }
        let names = metric.aliasNames(of: Set(Metric.Alias.Era.allCases))
        if !names.isEmpty { item("also", names.joined(separator: ", ")) }
    }
}
