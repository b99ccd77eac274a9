// SPDX-License-Identifier: Apache-2.0

/// Why a sink does not take events.
public struct SinkError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of hindrance, for programs, for `/status` and as the cause under which lost events are counted.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// An argument of the configuration cannot be used.
        case invalidArgument = "invalid-argument"
        /// A file or stream cannot be written.
        case unwritable
        /// The receiver cannot be reached: no address, no connection, a certificate that is not trusted.
        case unreachable
        /// The receiver did not answer in time.
        case timeout
        /// The receiver wants other credentials.
        case unauthorized
        /// The receiver has too much to do.
        case overloaded
        /// The receiver does not want these events, and never will.
        case refused
        /// The receiver failed, or answered what nobody understands.
        case failed
    }

    /// The kind of hindrance.
    public var reason: Reason
    /// One lower-case line: what was wrong, where, what is needed.
    public var message: String
    /// Whether the same might work later.
    public var isRetryable: Bool
    /// How long to wait before that, where the receiver has said so.
    public var retryAfter: Duration?
    /// How many of the first events are concerned, where that is not all; the others are offered again at once.
    public var events: Int?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - reason: the kind of hindrance.
    ///   - message: one lower-case line.
    ///   - isRetryable: whether the same might work later; `nil` for what is usual: only `invalidArgument` and `refused`
    ///     are final.
    ///   - retryAfter: how long to wait, where the receiver has said so.
    ///   - events: how many of the first events are concerned; `nil` for all.
    public init(
        _ reason: Reason, _ message: String, isRetryable: Bool? = nil, retryAfter: Duration? = nil, events: Int? = nil
    ) {
        self.reason = reason
        self.message = message
        self.isRetryable = isRetryable ?? ![.invalidArgument, .refused].contains(reason)
        self.retryAfter = retryAfter
        self.events = events
    }

    /// The message.
    public var description: String { message }
}
