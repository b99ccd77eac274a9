// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// How many series a page may have, per family and in all.
public struct SeriesLimits: Sendable, Hashable {
    /// The most series of one family.
    public var perFamily: Int
    /// The most series of a page, those under other names included.
    public var total: Int

    /// Makes limits; what is below zero counts as zero.
    public init(perFamily: Int, total: Int) {
        self.perFamily = max(0, perFamily)
        self.total = max(0, total)
    }

    /// How many series of a family were left out.
    public struct Cut: Sendable, Hashable {
        /// The metric's name.
        public var family: String
        /// Series of that name that are not on the page, each under one name.
        public var count: Int

        /// Makes a record of what was cut.
        public init(family: String, count: Int) {
            self.family = family
            self.count = count
        }
    }

    /// Shortens `families` until they keep to the limits; the first rows stay, the node's own among them.
    ///
    /// - Parameters:
    ///   - families: the families of a page; what is over the limits is taken off.
    ///   - compatNames: other names the page will also have; each repeats the rows of its family and counts.
    /// - Returns: what was left out, by family in their order; a family left out altogether keeps no row.
    public func apply(to families: inout [Family], compatNames: CompatNames = []) -> [Cut] {
        var names = [Int](repeating: 0, count: families.count)
        var page: [PageFamily] = []
        page.replace(with: families, compatNames: compatNames)
        for family in page { names[family.index] += 1 }
        var left = total
        var cuts: [Cut] = []
        for index in families.indices where families[index].count > 0 {
            let series = families[index].seriesPerRow
            let kept = min(families[index].count, perFamily / series, left / (names[index] * series))
            left -= kept * names[index] * series
            let cut = families[index].truncate(to: kept) * series
            if cut > 0 { cuts.append(Cut(family: families[index].metric.name, count: cut)) }
        }
        return cuts
    }
}
