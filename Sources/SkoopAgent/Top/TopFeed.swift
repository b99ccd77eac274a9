// SPDX-License-Identifier: Apache-2.0
import SkoopEvidence
import SkoopSystem
import SkoopTop

/// Reads again and again on a thread of its own, so that who watches never waits for what is read.
final class TopFeed: Sendable {
    /// What was read.
    struct News: Sendable {
        /// The last reading, the one before, and the first one.
        var now: TopReading?
        var before: TopReading?
        var first: TopReading?
        /// Why the last attempt failed; nil where it did not.
        var failure: String?
        /// How many attempts there were.
        var attempts = 0
    }

    private struct State: Sendable {
        var news = News()
        var isStopping = false
        var hasEnded = false
    }

    private let state = Monitor(State())

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - interval: how often.
    ///   - open: makes the source, on the thread that reads; its error is told and it is called again.
    ///   - onNews: called on that thread after each attempt.
    init<Source: TopSource & ~Copyable & SendableMetatype>(
        every interval: Duration, onNews: @escaping @Sendable () -> Void,
        opening open: @escaping @Sendable () throws(EvidenceError) -> Source
    ) throws(SystemError) {
        let state = state
        _ = try WorkerThread(name: "readings", stackSize: 4 << 20) {
            Self.run(state, interval, onNews, open)
            state.update { $0.hasEnded = true }
        }
    }

    private static func run<Source: TopSource & ~Copyable & SendableMetatype>(
        _ state: Monitor<State>, _ interval: Duration, _ onNews: @Sendable () -> Void,
        _ open: @Sendable () throws(EvidenceError) -> Source
    ) {
        var source: Source?
        var next = MonotonicTime.now
        repeat {
            do throws(EvidenceError) {
                if source == nil { source = try open() }
                guard let reading = try source?.read() else { return }
                state.update { state in
                    state.news.before = state.news.now
                    state.news.now = reading
                    if state.news.first == nil { state.news.first = reading }
                    state.news.failure = nil
                    state.news.attempts += 1
                }
            } catch {
                state.update { state in
                    state.news.failure = "\(error)"
                    state.news.attempts += 1
                }
            }
            onNews()
            next = max(next + interval, .now)
        } while state.wait(until: next, for: { $0.isStopping ? true : nil }) == nil
    }

    /// What was read so far.
    var news: News { state.update { $0.news } }

    /// Waits until something was read, or could not be.
    func wait(attempts: Int) -> News {
        state.wait { $0.news.attempts >= attempts || $0.hasEnded ? $0.news : nil } ?? News()
    }

    /// Lets the thread end, for which it has a moment.
    func stop() {
        state.update { $0.isStopping = true }
        state.wait(until: .now + .seconds(2)) { $0.hasEnded ? true : nil }
    }
}
