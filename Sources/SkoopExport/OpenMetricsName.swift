// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// How OpenMetrics 1.0 announces a metric whose name does not depend on the format.
///
/// A counter's samples must end in `_total` there, which its family's name lacks. A counter without that ending keeps
/// its name under type `unknown`. A unit is announced only where the family's name ends in it, as the format demands.
struct OpenMetricsName {
    /// The name in the metadata lines.
    var family: String
    /// The type.
    var type: String
    /// The unit, where the name ends in it.
    var unit: String?

    init(of metric: Metric, exportedAs name: String) {
        let isTotal = metric.kind == .counter && name.hasSuffix("_total")
        family = isTotal ? String(name.dropLast("_total".count)) : name
        type = metric.kind == .counter && !isTotal ? "unknown" : metric.kind.rawValue
        unit = metric.unit != .none && family.hasSuffix("_" + metric.unit.rawValue) ? metric.unit.rawValue : nil
    }
}
