// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopEvidence
import SkoopReport
import SkoopSystem
import SkoopTop

/// The live table of this host or of an agent: `skoop top`.
public struct TopWatch: Sendable {
    /// How the table is told where nobody watches it.
    public enum Format: Sendable, Hashable {
        /// Lines for people.
        case text
        /// `skoop.top/1`.
        case json
    }

    private let interval: Duration
    private let order: TopTable.Order
    private let isReversed: Bool
    private let filter: String
    private let remotes: Remotes
    private let place: String
    private let isLocal: Bool
    private let node: String

    /// Reads what a command line asks for.
    ///
    /// - Parameters:
    ///   - interval: how often is read, for example `2s`.
    ///   - sort: `name`, `finding`, or a column's title or name.
    ///   - isReversed: whether in the other direction.
    ///   - filter: which rows are shown, see `TopFilter` of SkoopTop.
    ///   - agent: the agent's address or URL; nil for the one of this host, or the probes here where there is none.
    ///   - isLocal: whether the probes run here in any case.
    ///   - node: the node's name where the probes run here; empty for the host's.
    ///   - remotes: who asks servers.
    /// - Throws: naming what is wrong and what is allowed.
    public init(
        every interval: String, sort: String, isReversed: Bool = false, filter: String = "", agent: String? = nil,
        isLocal: Bool = false, node: String = "", remotes: Remotes
    ) throws(EvidenceError) {
        guard let duration = Duration(shortText: interval), (.milliseconds(100) ... .seconds(3600)).contains(duration)
        else {
            throw EvidenceError("--interval", "'\(interval)' is no duration such as 500ms, 2s or 1m, from 100ms to 1h")
        }
        self.interval = duration
        order = try Self.order(sort)
        self.isReversed = isReversed
        self.filter = filter
        self.remotes = remotes
        self.isLocal = isLocal
        self.node = node
        if isLocal, agent != nil { throw EvidenceError("--no-agent", "give it or --agent, not both") }
        place = agent ?? "here"
        _ = try remotes.fetcher(place)
        isFallbackAllowed = agent == nil
    }

    private let isFallbackAllowed: Bool

    private static func order(_ text: String) throws(EvidenceError) -> TopTable.Order {
        let wanted = text.lowercased()
        if ["name", "pod"].contains(wanted) { return .name }
        if wanted == "finding" { return .finding }
        let found = TopColumn.all.firstIndex {
            [$0.title.lowercased(), $0.name, $0.title.lowercased().replacing("/s", with: "")].contains(wanted)
        }
        guard let found else {
            let titles = TopColumn.all.map { $0.title.lowercased().replacing("/s", with: "") }
            throw EvidenceError("--sort", "allowed are name, finding, \(titles.joined(separator: ", "))")
        }
        return .column(found)
    }

    /// Whether an agent answers where it is by default.
    private var isAgentHere: Bool {
        do throws(SystemError) {
            _ = try AdminClient(.defaultAdmin)
            return true
        } catch { return false }
    }

    private func feed(_ onNews: @escaping @Sendable () -> Void) throws -> (feed: TopFeed, source: String) {
        let runsHere = isLocal || isFallbackAllowed && !isAgentHere
        guard !runsHere else {
            let node = node
            let feed = try TopFeed(every: interval, onNews: onNews) { () throws(EvidenceError) -> LocalTopSource in
                do throws(SystemError) { return try LocalTopSource(node: node) } catch {
                    throw EvidenceError("this host", error.description)
                }
            }
            return (feed, "probes of this process")
        }
        let fetcher = try remotes.fetcher(place)
        let feed = try TopFeed(every: interval, onNews: onNews) { () throws(EvidenceError) in AgentTopSource(fetcher) }
        return (feed, "agent at \(fetcher.server)")
    }

    private static var cells: CellText {
        let names: [String] = ["LC_ALL", "LC_CTYPE", "LANG"]
        let values = names.lazy.compactMap { name in getenv(name).map { String(cString: $0) } }
        let locale = values.first { !$0.isEmpty }?.lowercased() ?? ""
        return CellText(isUnicode: locale.contains("utf-8") || locale.contains("utf8"))
    }

    /// Reads twice, an interval apart, and writes the table once.
    ///
    /// - Parameters:
    ///   - format: how it is written.
    ///   - body: takes it.
    /// - Throws: when one of the readings fails.
    public func once(_ format: Format, _ body: (String) throws -> Void) throws {
        let (feed, source) = try self.feed {}
        defer { feed.stop() }
        let news = feed.wait(attempts: 2)
        guard let now = news.now, news.failure == nil else {
            throw EvidenceError(source, news.failure ?? "nothing was read")
        }
        let table = TopTable(now, after: news.before)
        let rows = table.rows(by: order, isReversed: isReversed, TopFilter(filter))
        try body(format == .json ? table.json(rows) + "\n" : TopTable.text(rows, Self.cells))
    }

    /// Whether there is somebody to watch: a terminal at both ends, and one that moves its cursor.
    public static var canWatch: Bool {
        Terminal.isThere && !["", "dumb"].contains(getenv("TERM").map { String(cString: $0) } ?? "")
    }

    /// Fills the terminal until the person in front of it, or a signal, says that it is enough.
    public func watch() throws {
        let wakeUp = Shared(try WakeUp())
        let signals = try TerminalSignals { wakeUp.value.call() }
        let (feed, source) = try self.feed { wakeUp.value.call() }
        var state = TopState(order: order, filter: filter)
        if isReversed { _ = state.press(.character("r"), TopTable(), height: 1) }
        let screen = TopScreen(source: source, cells: Self.cells, interval: interval.shortText) {
            TimeText.local.time($0)
        }
        var session = TopSession(
            feed: feed, screen: screen, state: state, isColoured: getenv("NO_COLOR").map { $0[0] == 0 } ?? true)
        let result = Result { try session.run(wakeUp.value, signals) }
        feed.stop()
        try result.get()
    }

    /// What several threads may use though it cannot be copied.
    private final class Shared: Sendable {
        let value: WakeUp
        init(_ value: consuming WakeUp) { self.value = value }
    }
}
