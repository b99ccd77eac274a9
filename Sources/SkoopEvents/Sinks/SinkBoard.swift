// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem
import Synchronization

/// The sinks of a pipeline, which may be exchanged while events come.
final class SinkBoard: Sendable {
    private struct State {
        /// In the configured order.
        var running: [SinkRunner] = []
        /// Those that get no more events, until they have delivered what they had.
        var leaving: [SinkRunner] = []
    }

    /// How long a sink that is there no longer may take to deliver what is queued.
    private static let farewell: Duration = .seconds(30)
    private let state: Mutex<State>
    private let log: @Sendable (String) -> Void

    /// Starts sinks.
    ///
    /// - Throws: when a thread cannot be made.
    init(
        _ sinks: [PipelineSink], capacity: Int, log: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        self.log = log
        var runners: [SinkRunner] = []
        for sink in sinks { runners.append(try SinkRunner(sink, capacity: capacity, log: log)) }
        state = Mutex(State(running: runners))
    }

    /// Those that get events.
    var running: [SinkRunner] { state.withLock { $0.running } }

    /// All, those that leave at the end.
    var all: [SinkRunner] {
        state.withLock { state in
            state.leaving.removeAll { $0.hasEnded }
            return state.running + state.leaving
        }
    }

    /// Offers events to every sink.
    func offer(_ events: [Event]) {
        // Under the lock: a sink that is told to leave has got all that was reported before.
        state.withLock { state in for sink in state.running { sink.offer(events) } }
    }

    /// Exchanges the sinks.
    ///
    /// A sink that is configured as before runs on. Another of its kind takes over from one that is there no longer: queue,
    /// counts and name. What nobody takes over from delivers what it has, for a while.
    ///
    /// - Throws: when a thread cannot be made; nothing has changed then.
    func apply(_ sinks: [PipelineSink], capacity: Int) throws(SystemError) {
        let (old, leaving) = state.withLock { ($0.running, $0.leaving) }
        var matches = sinks.map { sink in old.first { $0.sink.isSame(as: sink) } }
        for position in matches.indices {
            // Two that are the same are two.
            if let match = matches[position], matches[..<position].contains(where: { $0 === match }) {
                matches[position] = nil
            }
        }
        var heirs: [(runner: SinkRunner, sink: PipelineSink)] = []
        var names = Set((old + leaving).map(\.name))
        var started: [SinkRunner] = []
        var running: [SinkRunner] = []
        for (position, sink) in sinks.enumerated() {
            if let match = matches[position] {
                running.append(match)
                continue
            }
            let taken = matches.compactMap(\.self) + heirs.map(\.runner)
            let former = old.first { one in one.sink.kind == sink.kind && !taken.contains { $0 === one } }
            if let former, !former.hasEnded {
                matches[position] = former
                heirs.append((former, sink))
                running.append(former)
                continue
            }
            matches[position] = former
            var sink = sink
            sink.name = former?.name ?? Self.free(sink.kind, names)
            names.insert(sink.name)
            do throws(SystemError) {
                let runner = try SinkRunner(sink, capacity: capacity, continuing: former?.status, log: log)
                started.append(runner)
                running.append(runner)
            } catch {
                for runner in started { runner.close(within: .zero) }
                throw error
            }
        }
        for (runner, sink) in heirs { runner.replace(by: sink) }
        for runner in running { runner.limit(to: capacity) }
        let gone = old.filter { one in !running.contains { $0 === one } }
        state.withLock { state in
            state.running = running
            state.leaving += gone
        }
        for runner in gone { runner.close(within: Self.farewell) }
    }

    private static func free(_ kind: String, _ taken: Set<String>) -> String {
        var number = 1
        var name = kind
        while taken.contains(name) {
            number += 1
            name = "\(kind)-\(number)"
        }
        return name
    }
}
