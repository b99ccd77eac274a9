// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Why a probe cannot run, or why one collection of it failed.
public struct ProbeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of hindrance, for programs and for `/status`.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The running kernel is too old or built without what is needed.
        case unsupportedKernel = "unsupported-kernel"
        /// A subsystem such as IPVS or RDMA is not there; nothing is wrong.
        case missingSubsystem = "missing-subsystem"
        /// A capability is missing.
        case missingPrivilege = "missing-privilege"
        /// An argument of the configuration cannot be used.
        case invalidArgument = "invalid-argument"
        /// A file or a socket could not be read.
        case unreadable
        /// What was read did not have the expected form.
        case malformed
        /// The collection did not end in time.
        case deadline
    }

    /// The kind of hindrance.
    public var reason: Reason
    /// One lower-case line: what was wrong, where, what is needed.
    public var message: String

    /// Makes an error.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

/// Counts values that a scrape could not read, by kind; shared by the threads of one scrape.
public final class ProblemCounter: Sendable {
    private let counts = Mutex<[String: UInt64]>([:])

    /// Makes a counter at zero.
    public init() {}

    /// Counts one value, or `count` values, lost for `cause` (a short constant such as `netstat-line`).
    public func record(_ cause: String, count: UInt64 = 1) {
        counts.withLock { $0[cause, default: 0] += count }
    }

    /// The counts so far, by cause.
    public var all: [String: UInt64] { counts.withLock { $0 } }
}
