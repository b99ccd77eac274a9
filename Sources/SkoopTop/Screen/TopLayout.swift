// SPDX-License-Identifier: Apache-2.0

/// Which columns have room, and how wide they are.
struct TopLayout: Sendable, Hashable {
    /// The cells of a number.
    static let number = 6
    private static let gap = 1
    private static let shortestName = 18
    private static let longestName = 64
    private static let shortestFinding = 16

    /// The cells of the name.
    var name: Int
    /// The positions in ``TopColumn/all`` of those that are shown.
    var columns: [Int]
    /// The cells of the finding; 0 for none.
    var finding: Int

    /// Shares out the cells of a line: to what is sorted by first, then by importance.
    ///
    /// - Parameters:
    ///   - width: the cells.
    ///   - order: what is sorted by.
    ///   - longest: the cells of the longest name.
    init(width: Int, _ order: TopTable.Order, longest: Int) {
        let step = Self.number + Self.gap
        let wanted = min(max(longest, Self.shortestName), Self.longestName)
        finding = width >= 60 || order == .finding ? Self.shortestFinding : 0
        let room = max(0, width - Self.shortestName - (finding > 0 ? finding + Self.gap : 0))
        let ranked = TopColumn.all.indices.sorted { one, other in
            if (order == .column(one)) != (order == .column(other)) { return order == .column(one) }
            return TopColumn.all[one].rank < TopColumn.all[other].rank
        }
        columns = ranked.prefix(room / step).sorted()
        let rest = max(0, width - columns.count * step - (finding > 0 ? finding + Self.gap : 0))
        name = min(wanted, rest)
        // What is left tells more of findings.
        if finding > 0 { finding += rest - name }
    }
}
