// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// A family as it stands on a page: under the metric's own name or under an alias.
struct PageFamily {
    /// Position in the snapshot.
    var index: Int
    /// The exported name.
    var name: String
    /// The era of the name where it is an alias.
    var era: Metric.Alias.Era?
}

extension [PageFamily] {
    /// Lists what a page of `families` shows, in their order, each followed by its aliases.
    mutating func replace(with families: [Family], compatNames: CompatNames) {
        removeAll(keepingCapacity: true)
        var taken: Set<String> = compatNames.isEmpty ? [] : Set(families.lazy.map(\.metric.name))
        for (index, family) in families.enumerated() where family.count > 0 {
            append(PageFamily(index: index, name: family.metric.name, era: nil))
            guard !compatNames.isEmpty else { continue }
            for alias in family.metric.aliases where compatNames.covers(alias.era) {
                guard taken.insert(alias.name).inserted else { continue }
                append(PageFamily(index: index, name: alias.name, era: alias.era))
            }
        }
    }
}
