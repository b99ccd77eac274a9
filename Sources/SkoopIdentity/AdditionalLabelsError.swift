// SPDX-License-Identifier: Apache-2.0

/// An entry of `metrics.additionalLabels` that cannot be used.
public struct AdditionalLabelsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with an entry.
    public enum Reason: Error, Sendable, Hashable {
        /// There is no `=` between name and expression.
        case noEqualsSign
        /// The name is no label name of the exposition formats.
        case invalidName(String)
        /// The name is kept for something else.
        case reservedName(String)
        /// An earlier entry has the same name.
        case duplicateName(String)
        /// A `${` has no `}`; what follows it.
        case unterminated(String)
        /// A reference asks for something else than `labels` and `workload`.
        case unknownSource(String)
        /// A reference asks for something else than kind and name of the workload.
        case unknownWorkload(String)
        /// A reference names no label of the pod.
        case emptyKey
        /// One entry holds several assignments, as YAML folds lines that lack a `- ` of their own; the names found.
        case severalAssignments([String])
    }

    /// Position of the entry in the list, from 0.
    public var position: Int
    /// The entry as configured.
    public var entry: String
    /// What is wrong with it.
    public var reason: Reason

    /// Makes an error.
    public init(position: Int, entry: String, reason: Reason) {
        self.position = position
        self.entry = entry
        self.reason = reason
    }

    /// One line that names the entry and what is allowed.
    public var description: String {
        let shown = entry.split(whereSeparator: \.isNewline).joined(separator: "\\n")
        return "additionalLabels[\(position)] \"\(shown)\": \(problem)"
    }

    private var problem: String {
        switch reason {
        case .noEqualsSign:
            "no '=' between label name and expression, write for example app=${labels:app}"
        case .invalidName(let name):
            "\"\(name)\" is no label name, allowed are letters, digits and '_', with no digit first"
        case .reservedName(let name):
            "the label name \"\(name)\" is reserved, as is every name that starts with k8s_ or __"
        case .duplicateName(let name):
            "the label name \"\(name)\" is already taken by an earlier entry"
        case .unterminated(let rest):
            "no '}' after \"${\(rest)\""
        case .unknownSource(let source):
            "unknown source \"\(source)\" in ${…}, allowed are ${labels:<pod label key>}, ${workload:kind}, ${workload:name}"
        case .unknownWorkload(let key):
            "unknown \"\(key)\" in ${workload:…}, allowed are kind and name"
        case .emptyKey:
            "no pod label key in ${labels:…}"
        case .severalAssignments(let names):
            "one entry assigns \(names.joined(separator: ", ")), write each as a list element of its own, with \"- \" before it"
        }
    }
}
