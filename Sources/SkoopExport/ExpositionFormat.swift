// SPDX-License-Identifier: Apache-2.0

/// The format of a page of metrics.
///
/// Metric names, labels and values are the same in each; only their notation differs.
public enum ExpositionFormat: String, Sendable, Hashable, CaseIterable {
    /// Prometheus' text exposition format, version 0.0.4.
    case prometheus
    /// OpenMetrics text, version 1.0.0.
    case openMetrics = "openmetrics"
    /// JSON after the schema `skoop.snapshot/1`, see `Documentation/schema/snapshot-1.json`.
    case json

    /// The `Content-Type` of a page in this format where the client asked for no variant of it.
    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .json: "application/json"
        }
    }
}
