// SPDX-License-Identifier: Apache-2.0

/// Every metric this package knows.
public enum Catalogue {
    /// The sets in the order of their file names; the build writes the list from the folder `Catalogue/`.
    public static var sets: [any MetricSet.Type] { catalogueTypes }

    /// All metrics, in the order of sets and cases.
    public static let metrics: [Metric] = sets.flatMap { $0.metrics }
}
