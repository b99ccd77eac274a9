// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Labels that a configuration adds to every series of an entity, made from the pod's own labels.
///
/// An entry reads `name=expression`. The expression is literal text in which each `${labels:<key>}` stands for the value
/// of the pod's label of that key, `${workload:name}` and `${workload:kind}` for what made the pod, and each for nothing
/// where that is not known. White space around the name, the expression and the key does not count.
public struct AdditionalLabels: Sendable, Hashable {
    /// A piece of an expression.
    enum Part: Sendable, Hashable {
        case literal(String)
        case podLabel(String)
        case workloadKind
        case workloadName
    }

    /// The label names in the order of the entries.
    public private(set) var names: [String] = []
    private var expressions: [[Part]] = []

    /// No additional label.
    public init() {}

    /// Parses the entries of `metrics.additionalLabels`.
    ///
    /// - Parameters:
    ///   - entries: one `name=expression` each.
    ///   - reserved: names that metrics use for labels of their own, beside `k8s_…`.
    /// - Throws: what is wrong with the first entry that cannot be used.
    public init(_ entries: [String], reserved: Set<String> = []) throws(AdditionalLabelsError) {
        for (position, entry) in entries.enumerated() {
            do throws(AdditionalLabelsError.Reason) {
                let (name, expression) = try Self.parse(entry)
                try Self.check(name, reserved: reserved)
                if names.contains(name) { throw .duplicateName(name) }
                names.append(name)
                expressions.append(expression)
            } catch {
                throw AdditionalLabelsError(position: position, entry: entry, reason: error)
            }
        }
    }

    /// The values for a pod, in the order of ``names``.
    ///
    /// - Parameters:
    ///   - labels: its labels.
    ///   - workload: what made it, where that is known.
    public func values(for labels: [String: String], workload: Workload? = nil) -> [String] {
        expressions.map { parts in
            parts.reduce(into: "") { value, part in
                switch part {
                case .literal(let text): value += text
                case .podLabel(let key): value += labels[key] ?? ""
                case .workloadKind: value += workload?.kind ?? ""
                case .workloadName: value += workload?.name ?? ""
                }
            }
        }
    }

    private static func parse(_ entry: String) throws(AdditionalLabelsError.Reason) -> (String, [Part]) {
        guard let equals = entry.firstIndex(of: "=") else { throw .noEqualsSign }
        let name = String(entry[..<equals].trimmingSpace)
        let expression = entry[entry.index(after: equals)...].trimmingSpace
        return (name, try parts(of: expression, after: name))
    }

    private static func parts(
        of expression: Substring, after name: String
    ) throws(AdditionalLabelsError.Reason) -> [Part] {
        var parts: [Part] = []
        var literals: [Substring] = []
        var rest = expression
        while let start = rest.firstRange(of: "${") {
            literals.append(rest[..<start.lowerBound])
            parts.append(.literal(String(rest[..<start.lowerBound])))
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}") else { throw .unterminated(String(rest)) }
            let reference = rest[..<end]
            rest = rest[rest.index(after: end)...]
            guard let colon = reference.firstIndex(of: ":") else { throw .unknownSource(String(reference)) }
            let key = reference[reference.index(after: colon)...].trimmingSpace
            switch reference[..<colon].trimmingSpace {
            case "labels":
                guard !key.isEmpty else { throw .emptyKey }
                parts.append(.podLabel(String(key)))
            case "workload":
                switch key {
                case "kind": parts.append(.workloadKind)
                case "name": parts.append(.workloadName)
                default: throw .unknownWorkload(String(key))
                }
            case let source: throw .unknownSource(String(source))
            }
        }
        literals.append(rest)
        parts.append(.literal(String(rest)))
        // YAML folds a list element of several lines into one; its further lines then look like literal text.
        let folded = literals.flatMap(assignments)
        if !folded.isEmpty { throw .severalAssignments([name] + folded) }
        return parts.filter { $0 != .literal("") }
    }

    /// The names in ` name=` wherever white space precedes what would be a label name.
    private static func assignments(in literal: Substring) -> [String] {
        literal.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace).dropFirst().compactMap { word in
            guard let equals = word.firstIndex(of: "="), isLabelName(word[..<equals]) else { return nil }
            return String(word[..<equals])
        }
    }

    private static func check(_ name: String, reserved: Set<String>) throws(AdditionalLabelsError.Reason) {
        guard isLabelName(name[...]) else { throw .invalidName(name) }
        if name.hasPrefix("__") || name.hasPrefix("k8s_") || name == "le" || name == "quantile"
            || reserved.contains(name)
        {
            throw .reservedName(name)
        }
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, the label names of the exposition formats.
    private static func isLabelName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !first.isDecimalDigit else { return false }
        return name.utf8.allSatisfy { byte in
            let letter = byte | 0x20
            return byte.isDecimalDigit || byte == UInt8(ascii: "_")
                || letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
        }
    }
}

extension StringProtocol where SubSequence == Substring {
    /// Without white space at both ends.
    fileprivate var trimmingSpace: Substring {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return self[first...last]
    }
}
