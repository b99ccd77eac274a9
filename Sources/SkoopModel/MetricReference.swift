// SPDX-License-Identifier: Apache-2.0

/// The catalogue as a document.
public enum MetricReference {
    /// The reference of all metrics in Markdown, probe by probe.
    public static func markdown() -> String {
        var text = """
            # Metric reference

            Generated from the catalogue in `Sources/SkoopModel/Catalogue`; do not edit.

            \(Catalogue.metrics.count) metrics of \(Catalogue.probes.count) probes. Names that begin with `kubeskoop_` are \
            KubeSkoop's and mean what they mean there, except that counters are typed as counters. All others are this \
            package's own.

            Entity labels are `k8s_node`, `k8s_namespace`, `k8s_pod` and the configured additional labels. A unit is given \
            where the value is no plain count.


            """
        text += Catalogue.probes.map { "[\($0.name)](#\($0.name))" }.joined(separator: " · ") + "\n"
        for probe in Catalogue.probes { text += section(probe) }
        return text
    }

    private static func section(_ probe: Catalogue.Probe) -> String {
        var text = "\n## \(probe.name)\n\n\(probe.summary.prefix(1).uppercased())\(probe.summary.dropFirst()).\n"
        if !probe.aliases.isEmpty {
            text += "Also accepted as \(probe.aliases.map(code).joined(separator: ", ")).\n"
        }
        text +=
            "\n| Name | Kind | Unit | Labels | Meaning | A rise suggests | Source |\n|---|---|---|---|---|---|---|\n"
        for metric in probe.metrics {
            let cells = [
                code(metric.name), metric.kind.rawValue, metric.unitName, labels(of: metric), metric.help, metric.rise,
                metric.source,
            ]
            text += "| " + cells.map(cell).joined(separator: " | ") + " |\n"
        }
        let corrections = probe.metrics.compactMap { metric in
            metric.correction.map { "- \(code(metric.name)): \(escaped($0)).\n" }
        }
        if !corrections.isEmpty { text += "\nOften misunderstood:\n\n" + corrections.joined() }
        let aliases = probe.metrics.filter { !$0.aliases.isEmpty }.map { metric in
            let names = metric.aliasNames(of: Set(Metric.Alias.Era.allCases))
            return
                "- \(code(metric.name)): \(names.map { name in code(name) + eras(of: name, in: metric) }.joined(separator: ", "))\n"
        }
        if !aliases.isEmpty { text += "\nOther names:\n\n" + aliases.joined() }
        return text
    }

    private static func labels(of metric: Metric) -> String {
        let extra =
            metric.labels.extra == TupleLabels.names
            ? "both ends" : metric.labels.extra.map(code).joined(separator: ", ")
        let own =
            switch metric.labels {
            case .entity: "entity"
            case .node: "`k8s_node`"
            case .plain: ""
            }
        return [own, extra].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func eras(of name: String, in metric: Metric) -> String {
        " (" + metric.aliases.filter { $0.name == name }.map(\.era.rawValue).joined(separator: ", ") + ")"
    }

    private static func code(_ text: String) -> String { "`\(text)`" }

    private static func cell(_ text: String) -> String { escaped(text) }

    /// Keeps what Markdown would take for a table border or an HTML tag.
    static func escaped(_ text: String) -> String {
        text.map { $0 == "|" ? "\\|" : $0 == "<" ? "&lt;" : String($0) }.joined()
    }
}
