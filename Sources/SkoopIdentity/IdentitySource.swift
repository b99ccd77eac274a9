// SPDX-License-Identifier: Apache-2.0
public import SkoopSystem

/// Somebody who is asked, beside the kernel, who is on the host: a container runtime, or a cluster's API server.
///
/// It asks on its own, never when an inventory is attributed, and keeps what it knew when it gets no answer.
public protocol IdentitySource: Sendable {
    /// A short word for labels and messages: `runtime`.
    var name: String { get }
    /// Answers from what the source knows; belongs into the chain of an ``EntityResolver``.
    var provider: any EntityProvider { get }
    /// How it fares; from any thread.
    var status: IdentityStatus { get }

    /// Begins to ask.
    ///
    /// - Parameter onChange: called on any thread when answers have changed, so that an inventory may be attributed
    ///   anew; must not block.
    /// - Throws: when a thread cannot be made.
    func start(onChange: @escaping @Sendable () -> Void) throws(SystemError)
    /// Ends, without waiting for an answer that is still to come.
    func stop()
}

/// How an ``IdentitySource`` fares.
public struct IdentityStatus: Sendable, Hashable {
    /// Why there is no answer, or not a whole one.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Nobody is there to be asked: no socket, no server.
        case absent
        /// There is a socket or a server, but no connection to it.
        case unreachable
        /// By what the process would say who it is cannot be had, or is not accepted.
        case credentials
        /// Who answers does not prove to be who is meant.
        case untrusted
        /// The process may not ask.
        case denied
        /// There was no answer in time.
        case timeout
        /// It says that it cannot answer.
        case refused
        /// What was answered makes no sense.
        case malformed
    }

    /// Why there was no answer.
    public struct Failure: Sendable, Hashable, Error {
        /// What kind of failure.
        public var reason: Reason
        /// What happened, for people.
        public var message: String

        /// Makes one.
        public init(_ reason: Reason, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    /// How it goes with one kind of what is asked for.
    public struct Part: Sendable, Hashable {
        /// What is asked for: `endpointslices`.
        public var name: String
        /// How changes are noticed, as ``IdentityStatus/mode``.
        public var mode = ""
        /// How many of it are known.
        public var objects = 0
        /// When something was last heard of it, in nanoseconds since 1970; 0 before the first answer.
        public var lastAnswer: UInt64 = 0
        /// Why the last attempt failed; `nil` when it did not.
        public var failure: Failure?

        /// Makes the status of what has not been asked for yet.
        public init(name: String) { self.name = name }
    }

    /// The source's name.
    public var name: String
    /// Whether anybody is to be asked; where the configuration says nobody, the rest says nothing.
    public var isWanted = true
    /// Who is asked, with version and address, as far as that is known: `containerd 1.6.20 at /run/containerd/…`.
    public var peer = ""
    /// How changes are noticed: `events`, `interval`, or empty before the first answer.
    public var mode = ""
    /// How many pods are known, those that are gone and still remembered left out.
    public var pods = 0
    /// How many answers there were.
    public var answers: UInt64 = 0
    /// How many attempts have failed, by reason.
    public var failures: [Reason: UInt64] = [:]
    /// When the last whole answer came, in nanoseconds since 1970; 0 before the first.
    public var lastAnswer: UInt64 = 0
    /// Why the last attempt failed; `nil` when it did not.
    public var failure: Failure?
    /// The kinds of what is asked for, where there are several that may fail by themselves.
    public var parts: [Part] = []

    /// Makes the status of a source that has not asked yet.
    public init(name: String) { self.name = name }
}
