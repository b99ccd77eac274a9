// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Writes queries of Prometheus' language.
enum PromQL {
    /// Series with one of these names, of the pods and of all nodes.
    static func selector(_ names: [String], pods: [PodName]) -> String {
        let name = "__name__=~\"\(names.joined(separator: "|"))\""
        guard !pods.isEmpty else { return "{\(name)}" }
        let wanted = Set(pods.map(\.name)).sorted().map(escaped).joined(separator: "|")
        // Nodes have no pod, and what the first releases called labels is empty where they are today's.
        return "{\(name),k8s_pod=~\"\(wanted)\"} or {\(name),k8s_pod=\"\",target_pod=~\"\(wanted)|hostNetwork|\"}"
    }

    /// All names under which a metric may be stored.
    static func names(_ metric: Metric) -> [String] {
        var names = [metric.name]
        for alias in metric.aliases where !names.contains(alias.name) { names.append(alias.name) }
        guard metric.kind == .histogram else { return names + names.map { $0 + "_total" } }
        return names.flatMap { name in ["_bucket", "_sum", "_count"].map { name + $0 } }
    }

    /// A text in which no character means anything to a regular expression in a string of PromQL.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if "\\.+*?()|[]{}^$\"".unicodeScalars.contains(scalar) { result += scalar == "\"" ? "\\" : "\\\\" }
            if scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
    }

    static func time(_ nanoseconds: UInt64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
