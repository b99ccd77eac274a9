// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity

/// A connection to a container runtime, used by one thread that may block. Every call ends within seconds, whatever the
/// runtime does.
protocol RuntimeClient: Sendable {
    /// Name and version of who answers: `containerd 1.6.20, CRI v1`.
    func greeting() throws(IdentityStatus.Failure) -> String
    /// All pods with their containers, by as many calls as one needs, however many pods there are.
    func pods() throws(IdentityStatus.Failure) -> [Pod]
    /// The path of a pod's network namespace; nil where the runtime does not say.
    func networkNamespace(of pod: Pod) throws(IdentityStatus.Failure) -> String?
    /// Has `body` called at each change of a container or pod, on any thread, until the client is closed.
    func follow(_ body: @escaping @Sendable (RuntimeNews) -> Void)
    /// Ends the connection.
    func close()
}

/// What a stream of events brings.
enum RuntimeNews: Sendable {
    /// Something has changed.
    case change
    /// The runtime streams no events.
    case unsupported
    /// The stream has ended, and why.
    case end(IdentityStatus.Failure)
}
