// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopModel

/// The labels of streams: some of fixed value, some of the event.
struct LokiLabels: Sendable, Hashable {
    /// KubeSkoop's: `job="kubeskoop"` and the node as `instance`.
    static let usual = ["job=kubeskoop", "instance"]

    private var fixed: [String: String] = [:]
    private var fields: [LokiField] = []

    /// Reads `name=value` for a fixed label, or the name of a field.
    init(_ texts: [String], argument: String = "labels") throws(SinkArgumentError) {
        for (position, text) in texts.enumerated() {
            func error(_ what: String) -> SinkArgumentError { SinkArgumentError("\(argument)[\(position)]", what) }
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 {
                guard Self.isName(parts[0]), !parts[1].isEmpty else {
                    throw error("'\(text)' is no label; expected a name of letters, digits and '_', '=' and a value")
                }
                guard fixed.updateValue(parts[1], forKey: parts[0]) == nil else {
                    throw error("label '\(parts[0])' is there twice")
                }
            } else {
                let allowed = LokiField.labels.map(\.rawValue).joined(separator: ", ")
                guard let field = LokiField(rawValue: text) else {
                    throw error("unknown field '\(text)'; allowed are name=value and \(allowed)")
                }
                guard LokiField.labels.contains(field) else {
                    throw error(
                        "'\(text)' has too many values for a label, list it under metadata; allowed are \(allowed)")
                }
                fields.append(field)
            }
        }
        if let field = fields.first(where: { fixed[$0.rawValue] != nil }) {
            throw SinkArgumentError(argument, "label '\(field.rawValue)' is there twice")
        }
        // Of the fields only these always have a value, and a stream needs a label.
        guard !fixed.isEmpty || fields.contains(where: { [.instance, .type, .probe, .kind].contains($0) }) else {
            throw SinkArgumentError(argument, "a stream needs a label that is never empty, such as instance")
        }
    }

    /// Names and values, by name.
    func values(of event: Event) -> [String: String] {
        var values = fixed
        for field in fields { field.add(event) { values[$0] = $1 } }
        return values
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x5f
        }
    }
}
