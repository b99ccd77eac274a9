// SPDX-License-Identifier: Apache-2.0
import SkoopTesting
import Testing

@testable import SkoopTop

struct TopStateTests {
    private let table = Readings.table(30)

    /// Presses keys and says what the last one asks for.
    @discardableResult
    private func press(_ keys: [Key], _ state: inout TopState, _ table: TopTable? = nil) -> TopState.Action {
        var action = TopState.Action.none
        for key in keys { action = state.press(key, table ?? self.table, height: 10) }
        return action
    }

    private func type(_ text: String, _ state: inout TopState) { press(text.map { .character($0) }, &state) }

    private func selected(_ state: TopState) -> String {
        let rows = state.rows(of: table)
        return rows.isEmpty ? "" : rows[state.position(in: rows)].entity.pod
    }

    @Test func arrowsAndLettersMove() {
        var state = TopState()
        #expect(selected(state) == "web-30")
        press([.down, .character("j")], &state)
        #expect(selected(state) == "web-28")
        press([.character("k"), .up, .up, .up], &state)
        #expect(selected(state) == "web-30")
        press([.pageDown], &state)
        #expect(selected(state) == "web-21")
        press([.end, .down, .pageDown], &state)
        #expect(selected(state) == "web-1")
        press([.pageUp], &state)
        #expect(selected(state) == "web-10")
        press([.character("g")], &state)
        #expect(selected(state) == "web-30")
        press([.character("G"), .home], &state)
        #expect(selected(state) == "web-30")
    }

    @Test func theChoiceFollowsTheRow() {
        var state = TopState()
        press([.down, .down], &state)
        #expect(selected(state) == "web-28")
        press([.character("r")], &state)
        #expect(state.isReversed && selected(state) == "web-28")
        press([.character("n")], &state)
        #expect(state.order == .name && selected(state) == "web-28")
        // Gone, the first row is chosen.
        press([.character("/"), .character("5"), .enter], &state)
        #expect(
            state.rows(of: table).map(\.entity.pod) == ["web-15", "web-25", "web-5"] && selected(state) == "web-15")
    }

    @Test func columnsAreChosen() {
        var state = TopState()
        press([.character("3")], &state)
        #expect(state.order == .column(2) && !state.isReversed)
        press([.character("3")], &state)
        #expect(state.order == .column(2) && state.isReversed)
        press([.character(">")], &state)
        #expect(state.order == .column(3) && !state.isReversed)
        press([.left, .character("<"), .left, .left, .left, .left], &state)
        #expect(state.order == .name)
        press([Key](repeating: .right, count: 30), &state)
        #expect(state.order == .finding)
        press([.character("0")], &state)
        #expect(state.order == .name)
        press([.character("f")], &state)
        #expect(state.order == .finding)
    }

    @Test func aFilterIsTyped() {
        var state = TopState()
        press([.character("/")], &state)
        #expect(state.mode == .typing)
        // Keys that mean something else mean themselves here.
        type("q1r", &state)
        #expect(state.filter.text == "q1r" && state.order == .column(0))
        press([.backspace, .control("u")], &state)
        #expect(state.filter.text.isEmpty && state.mode == .typing)
        type("web-3", &state)
        #expect(state.rows(of: table).map(\.entity.pod) == ["web-30", "web-3"])
        press([.enter], &state)
        #expect(state.mode == .table && state.filter.text == "web-3")
        // Taken back.
        press([.character("/"), .character("x"), .escape], &state)
        #expect(state.mode == .table && state.filter.text == "web-3")
        press([.escape], &state)
        #expect(state.filter.text.isEmpty)
        press([.character("/"), .backspace], &state)
        #expect(state.mode == .table)
    }

    @Test func aRowIsLookedAtAndLeft() {
        var state = TopState()
        press([.down, .enter], &state)
        #expect(state.mode == .detail(Readings.pod("web-29")))
        #expect(press([.character("q")], &state) == .none && state.mode == .table)
        press([.character("?")], &state)
        #expect(state.mode == .help)
        #expect(press([.escape], &state) == .none && state.mode == .table)
        press([.enter], &state, TopTable())
        #expect(state.mode == .table)
        press([.character("p")], &state)
        #expect(state.isPaused)
        press([.character(" ")], &state)
        #expect(!state.isPaused)
    }

    @Test func whatEnds() {
        for mode in [[Key](), [.character("?")], [.enter], [.character("/")]] {
            var state = TopState()
            press(mode, &state)
            #expect(press([.control("c")], &state) == .quit)
            #expect(press([.control("z")], &state) == .suspend)
            #expect(press([.control("l")], &state) == .redraw)
        }
        var state = TopState()
        #expect(press([.character("q")], &state) == .quit)
    }
}
