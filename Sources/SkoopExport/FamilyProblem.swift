// SPDX-License-Identifier: Apache-2.0

/// Why a family must not go onto a page.
public struct FamilyProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Kind: Sendable, Hashable {
        /// Two rows are the same series; the labels of it, as the text formats write them.
        case duplicateSeries(labels: String)
        /// The page has a family of this name already, or one that OpenMetrics cannot tell from it.
        case duplicateFamily(other: String)
        /// The name is no metric name.
        case invalidName
        /// A label is no label name, is reserved, or occurs twice.
        case invalidLabel(String)
        /// A row belongs to an entity that is not in the table.
        case unknownEntity(Int)
    }

    /// The metric's name.
    public var metric: String
    /// What is wrong with it.
    public var kind: Kind

    /// Makes a problem.
    public init(metric: String, kind: Kind) {
        self.metric = metric
        self.kind = kind
    }

    /// One line: the metric, what is wrong, what is allowed.
    public var description: String {
        switch kind {
        case .duplicateSeries(let labels): "\(metric): series {\(labels)} occurs twice"
        case .duplicateFamily(let other) where other == metric: "\(metric): the page has this family already"
        case .duplicateFamily(let other): "\(metric): OpenMetrics cannot tell this family from '\(other)'"
        case .invalidName: "'\(metric)' is no metric name: letters, digits, '_' and ':', no digit first"
        case .invalidLabel(let name):
            "\(metric): label '\(name)' is not allowed: letters, digits and '_', no digit first, not '__' first, each once"
        case .unknownEntity(let index): "\(metric): there is no entity \(index)"
        }
    }
}
