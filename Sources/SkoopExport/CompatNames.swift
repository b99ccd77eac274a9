// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Other spellings of metric names that are exported beside the real ones.
///
/// Each alias becomes a family of its own, with the values of the metric it stands for. A name that is already on the
/// page is not exported a second time.
public struct CompatNames: OptionSet, Sendable, Hashable {
    /// The set as bits.
    public let rawValue: UInt8

    /// Makes a set of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The names the ACK document writes, the doubled prefixes of 2023 that it still uses included.
    public static let ack = CompatNames(rawValue: 1)
    /// The names of KubeSkoop before 1.0.0, `inspector_pod_*`, with the labels of that time: `target_node`,
    /// `target_namespace`, `target_pod`, `node`, `namespace` and `pod`, the last two and their targets `hostNetwork`
    /// on the node's own rows.
    public static let v0 = CompatNames(rawValue: 2)

    /// The set a configuration calls `name`: `ack` or `v0`; nil for any other.
    public init?(name: String) {
        switch name {
        case "ack": self = .ack
        case "v0": self = .v0
        default: return nil
        }
    }

    /// Whether names of `era` are exported; the names of 2023 come with the document that still writes them.
    func covers(_ era: Metric.Alias.Era) -> Bool {
        switch era {
        case .ack, .v1beta: contains(.ack)
        case .v0: contains(.v0)
        }
    }
}
