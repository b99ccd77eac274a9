// SPDX-License-Identifier: Apache-2.0
internal import CSkoopBPF
import Synchronization

/// libbpf's messages.
///
/// This module takes them over for the whole process when it is first used: warnings about a failed call become part
/// of the `BPFError`, everything else is dropped unless a handler is set.
public enum BPFLog {
    /// How important a message is.
    public enum Level: Int, Sendable, Comparable {
        /// Something failed that no error reports.
        case warning = 0
        /// Something noteworthy.
        case information = 1
        /// Every step libbpf takes.
        case debug = 2

        /// More important first.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    private static let handler = Mutex<(@Sendable (Level, String) -> Void)?>(nil)

    /// Sends messages up to `level` to `handler`, which is called on whatever thread uses eBPF; nil drops them.
    public static func setHandler(upTo level: Level = .warning, _ handler: (@Sendable (Level, String) -> Void)?) {
        self.handler.withLock { $0 = handler }
        guard handler != nil else { return skoop_bpf_set_log_handler(nil, 0) }
        unsafe skoop_bpf_set_log_handler(
            { level, message in
                guard let level = Level(rawValue: Int(level)), let message = unsafe message else { return }
                let handler = BPFLog.handler.withLock { $0 }
                handler?(level, unsafe String(cString: message))
            }, CInt(level.rawValue))
    }
}
