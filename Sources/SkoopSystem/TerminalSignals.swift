// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The signals that concern a program which has taken over a terminal, brought to it as something to wait for.
public final class TerminalSignals: Sendable {
    /// What happened.
    public enum Event: Sendable, Hashable, CaseIterable {
        /// SIGINT, SIGTERM, SIGQUIT or SIGHUP: the program is to end.
        case end
        /// SIGTSTP: it is to stop for a while.
        case stop
        /// SIGCONT: it goes on, with a terminal that others have used.
        case goOn
        /// SIGWINCH: the terminal has another size.
        case resize
    }

    private static let events: [(CInt, Event)] = [
        (SIGINT, .end), (SIGTERM, .end), (SIGQUIT, .end), (SIGHUP, .end), (SIGTSTP, .stop), (SIGCONT, .goOn),
        (SIGWINCH, .resize),
    ]

    private let queue = Monitor<[Event]>([])

    /// Blocks these signals in the calling thread and those it starts from now on, and waits for them on a thread; call it
    /// before there are others.
    ///
    /// - Parameter wakeUp: called when there is something new, on that thread.
    public init(_ wakeUp: @escaping @Sendable () -> Void) throws(SystemError) {
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        let queue = queue
        _ = try WorkerThread(name: "signals") {
            var set = Self.set
            var number: CInt = 0
            while true {
                guard sigwait(&set, &number) == 0 else { continue }
                guard let event = Self.events.first(where: { $0.0 == number })?.1 else { continue }
                queue.update { $0.append(event) }
                wakeUp()
            }
        }
    }

    /// What has happened since the last call, in its order.
    public func take() -> [Event] {
        queue.update { queue in
            defer { queue = [] }
            return queue
        }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for (number, _) in events { sigaddset(&set, number) }
        return set
    }
}
