// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import SkoopTop

/// A terminal with the table, from the first frame to the last.
struct TopSession {
    let feed: TopFeed
    var screen: TopScreen
    var state: TopState
    private var painter: Painter
    private var keys = KeyReader()
    private var news = TopFeed.News()
    private var table = TopTable()

    init(feed: TopFeed, screen: TopScreen, state: TopState, isColoured: Bool) {
        self.feed = feed
        self.screen = screen
        self.state = state
        painter = Painter(isColoured: isColoured)
    }

    /// How long an escape may be the beginning of something longer.
    private static let patience: CInt = 60

    mutating func run(_ wakeUp: borrowing WakeUp, _ signals: TerminalSignals) throws(SystemError) {
        var terminal = try Terminal(leaving: Painter.leave)
        try terminal.take(entering: Painter.enter)
        defer { terminal.giveBack() }
        var descriptors = DescriptorSet()
        descriptors.add(terminal.fileDescriptor)
        descriptors.add(wakeUp.fileDescriptor)
        while true {
            refresh()
            try draw(terminal)
            // Each second the age of what is shown grows.
            _ = descriptors.wait(milliseconds: keys.isWaiting ? Self.patience : 1000)
            let ready = descriptors.readable()
            var pressed: [Key] = []
            if ready.contains(0) {
                let bytes = try terminal.read()
                if bytes.isEmpty { return }
                pressed = keys.read(bytes)
            } else if keys.isWaiting {
                pressed = keys.finish()
            }
            if ready.contains(1) { wakeUp.clear() }
            for event in signals.take() {
                switch event {
                case .end: return
                case .stop: try suspend(&terminal)
                case .goOn:
                    try terminal.takeAgain(entering: Painter.enter)
                    painter.forget()
                case .resize: painter.forget()
                }
            }
            for key in pressed {
                switch state.press(key, table, height: screen.height(lines: terminal.size.lines)) {
                case .none: break
                case .quit: return
                case .suspend: try suspend(&terminal)
                case .redraw: painter.forget()
                }
            }
        }
    }

    /// Takes what was read since, unless what is shown is to stay.
    private mutating func refresh() {
        let latest = feed.news
        if !state.isPaused, latest.attempts != news.attempts {
            let isNew = latest.now?.moment != news.now?.moment
            news = latest
            if isNew, let now = news.now { table = TopTable(now, after: news.before) }
        }
        screen.trouble = ""
        guard let failure = news.failure else { return }
        let age = news.now.map { MonotonicTime.now.since(MonotonicTime(nanoseconds: $0.moment)) }
        screen.trouble = failure + (age.map { ", what is shown is \(Int($0 / .seconds(1))) s old" } ?? "")
    }

    private mutating func draw(_ terminal: borrowing Terminal) throws(SystemError) {
        let size = terminal.size
        var detail: TopDetail?
        if case .detail(let entity) = state.mode, let now = news.now, let first = news.first {
            detail = TopDetail(of: entity, now, after: news.before, since: first)
        }
        let frame = screen.frame(&state, table, detail, columns: size.columns, lines: size.lines)
        try terminal.write(painter.paint(frame))
    }

    private mutating func suspend(_ terminal: inout Terminal) throws(SystemError) {
        terminal.giveBack()
        Terminal.stopProcess()
        try terminal.takeAgain(entering: Painter.enter)
        painter.forget()
    }
}
