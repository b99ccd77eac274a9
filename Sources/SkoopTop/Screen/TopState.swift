// SPDX-License-Identifier: Apache-2.0

/// What the person in front of the table has chosen; changed by keys.
public struct TopState: Sendable {
    /// What is shown.
    public enum Mode: Sendable, Hashable {
        /// The table.
        case table
        /// The table, while a filter is typed.
        case typing
        /// What the keys do, and the columns mean.
        case help
        /// One entity.
        case detail(TopEntity)
    }

    /// What is to be done beside drawing anew.
    public enum Action: Sendable, Hashable {
        /// Nothing.
        case none
        /// End.
        case quit
        /// Stop until the shell says otherwise.
        case suspend
        /// Draw everything.
        case redraw
    }

    /// What is shown.
    public internal(set) var mode = Mode.table
    /// What is sorted by.
    public internal(set) var order: TopTable.Order
    /// Whether in the other direction.
    public internal(set) var isReversed = false
    /// Which rows are shown.
    public internal(set) var filter: TopFilter
    /// Whose row is chosen; nil for the first one.
    public internal(set) var selected: TopEntity?
    /// Whether what is shown stays.
    public internal(set) var isPaused = false
    /// The first row, or line, that is shown.
    var offset = 0
    private var filterBefore = ""

    /// Makes a choice to begin with.
    public init(order: TopTable.Order = .column(0), filter: String = "") {
        self.order = order
        self.filter = TopFilter(filter)
    }

    /// The rows of a table as they are shown.
    public func rows(of table: TopTable) -> [TopTable.Row] { table.rows(by: order, isReversed: isReversed, filter) }

    /// The position of the chosen row.
    func position(in rows: [TopTable.Row]) -> Int {
        selected.flatMap { entity in rows.firstIndex { $0.entity == entity } } ?? 0
    }

    /// Takes a key.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - table: what is shown.
    ///   - height: how many rows the table has room for.
    public mutating func press(_ key: Key, _ table: TopTable, height: Int) -> Action {
        switch key {
        case .control("c"): return .quit
        case .control("z"): return .suspend
        case .control("l"): return .redraw
        default: break
        }
        switch mode {
        case .typing: type(key)
        case .help, .detail: return leaf(key, height)
        case .table: return browse(key, table, height)
        }
        return .none
    }

    private mutating func browse(_ key: Key, _ table: TopTable, _ height: Int) -> Action {
        switch key {
        case .character("q"), .character("Q"): return .quit
        case .character("?"), .character("h"):
            mode = .help
            offset = 0
        case .character("/"):
            filterBefore = filter.text
            mode = .typing
        case .escape: filter = TopFilter("")
        case .character("p"), .character(" "): isPaused.toggle()
        case .character("r"), .character("R"): isReversed.toggle()
        case .character("<"), .character(","), .left: shift(by: -1)
        case .character(">"), .character("."), .right: shift(by: 1)
        case .character(let digit) where digit.isASCII && digit.isNumber:
            // As on the keyboard: 1 is the first column of numbers, 0 the name.
            let number = digit.wholeNumberValue ?? 0
            choose(number == 0 ? .name : .column(number - 1))
        case .character("n"): choose(.name)
        case .character("f"): choose(.finding)
        case .enter:
            let rows = rows(of: table)
            if !rows.isEmpty {
                let entity = rows[position(in: rows)].entity
                selected = entity
                mode = .detail(entity)
                offset = 0
            }
        default: move(key, table, height)
        }
        return .none
    }

    private mutating func move(_ key: Key, _ table: TopTable, _ height: Int) {
        let rows = rows(of: table)
        guard !rows.isEmpty, let step = Self.step(key, height, rows.count) else { return }
        selected = rows[min(max(0, position(in: rows) + step), rows.count - 1)].entity
    }

    private mutating func leaf(_ key: Key, _ height: Int) -> Action {
        switch key {
        case .character("Q"): return .quit
        case .character("q") where mode == .help, .escape, .enter, .character("q"), .left, .backspace, .character("?"):
            mode = .table
            offset = 0
        case .character("p"), .character(" "): isPaused.toggle()
        default:
            // The screen knows how many lines there are and takes back what is too much.
            if let step = Self.step(key, height, 1 << 20) { offset = max(0, offset + step) }
        }
        return .none
    }

    /// How many rows a key leads down.
    private static func step(_ key: Key, _ height: Int, _ count: Int) -> Int? {
        switch key {
        case .up, .character("k"), .control("p"): -1
        case .down, .character("j"), .control("n"): 1
        case .pageUp, .control("b"), .control("u"): -max(1, height - 1)
        case .pageDown, .control("f"), .control("d"): max(1, height - 1)
        case .home, .character("g"): -count
        case .end, .character("G"): count
        default: nil
        }
    }

    private mutating func type(_ key: Key) {
        switch key {
        case .character(let character): filter = TopFilter(filter.text + String(character))
        case .backspace:
            if filter.text.isEmpty { mode = .table } else { filter = TopFilter(String(filter.text.dropLast())) }
        case .control("u"), .control("w"): filter = TopFilter("")
        case .enter, .down, .up: mode = .table
        case .escape:
            filter = TopFilter(filterBefore)
            mode = .table
        default: break
        }
    }

    private mutating func choose(_ order: TopTable.Order) {
        guard TopTable.Order.all.contains(order) else { return }
        if self.order == order { isReversed.toggle() } else { isReversed = false }
        self.order = order
    }

    private mutating func shift(by step: Int) {
        let all = TopTable.Order.all
        let position = all.firstIndex(of: order) ?? 0
        order = all[min(max(0, position + step), all.count - 1)]
        isReversed = false
    }
}
