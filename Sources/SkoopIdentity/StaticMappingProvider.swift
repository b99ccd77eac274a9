// SPDX-License-Identifier: Apache-2.0

/// Names namespaces and containers as a mapping file has them.
///
/// Of several entries that apply the first counts. The node's own namespace cannot be mapped, containers in it can.
public struct StaticMappingProvider: EntityProvider, Hashable {
    /// As it is called in explanations.
    public var name: String { "mapping file" }
    private let mappings: [StaticMapping]

    /// Makes a provider.
    ///
    /// - Throws: when two entries apply to the same thing.
    public init(_ mappings: [StaticMapping]) throws(StaticMappingError) {
        var targets: Set<StaticMapping.Target> = []
        for mapping in mappings where !targets.insert(mapping.target).inserted {
            throw .duplicateTarget(mapping.target)
        }
        self.mappings = mappings
    }

    /// The pod of the first entry that applies.
    public func identity(of subject: EntitySubject) -> EntityIdentity? {
        mappings.first { $0.matches(subject) }.map {
            .pod(namespace: $0.podNamespace, name: $0.podName, labels: $0.labels)
        }
    }
}
