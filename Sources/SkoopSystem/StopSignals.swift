// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Waits for the signals that ask a program to end.
///
/// They are blocked and waited for, so that no handler interrupts anything.
public struct StopSignals: Sendable {
    /// A signal that was received.
    public enum Signal: Int32, Sendable, Hashable {
        /// SIGTERM.
        case terminate = 15
        /// SIGINT.
        case interrupt = 2
        /// SIGHUP, by which a program is asked to read its configuration again.
        case hangup = 1
    }

    /// Blocks the signals in the calling thread and those it starts from now on, and ignores SIGPIPE; call it first.
    public init() {
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Sleeps until one of the signals arrives.
    public func wait() -> Signal {
        var set = Self.set
        var number: Int32 = 0
        while true {
            if sigwait(&set, &number) == 0, let signal = Signal(rawValue: number) { return signal }
        }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [Signal.terminate, .interrupt, .hangup] { sigaddset(&set, signal.rawValue) }
        return set
    }
}
