// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import SkoopModel
    import SkoopProbes
    import SkoopSinks
    import SkoopTesting
    import Synchronization
    import Testing

    @testable import SkoopEvents

    /// A sink that runs as in a pipeline, with short pauses and what it logs.
    final class SinkTrial {
        private let runner: SinkRunner
        private let log = Log()

        final class Log: Sendable {
            let lines = Mutex<[String]>([])
        }

        var status: SinkStatus { runner.status }
        var lines: [String] { log.lines.withLock { $0 } }

        init<Type: Sink>(
            _ type: Type.Type, _ url: String, _ arguments: [String: ArgumentValue] = [:],
            pause: Duration = .milliseconds(20)
        ) throws {
            let usual: [String: ArgumentValue] = ["url": .string(url), "batchWait": .duration(.zero)]
            let environment = SinkEnvironment(arguments: usual.merging(arguments) { $1 }, node: "worker")
            try type.check(environment)
            let log = log
            runner = try SinkRunner(
                PipelineSink(SinkKind(type), environment), capacity: 1, backoff: .init(first: pause, longest: pause * 4)
            ) {
                line in
                log.lines.withLock { $0.append(line) }
            }
        }

        /// Hands over events.
        func offer(_ events: [Event]) { runner.offer(events) }

        /// Hands over events and waits until each has arrived or is lost.
        func send(_ events: [Event], at location: SourceLocation = #_sourceLocation) {
            offer(events)
            let isSettled = eventually { status.queued == 0 }
            if !isSettled { Issue.record("events are left: \(status)", sourceLocation: location) }
        }

        /// Whether every event that was offered is accounted for.
        var addsUp: Bool {
            status.probes.values.allSatisfy { tally in
                tally.lost.values.reduce(tally.delivered + tally.queued, +) == tally.offered
            }
        }

        deinit { runner.close(within: .zero) }
    }
#endif
