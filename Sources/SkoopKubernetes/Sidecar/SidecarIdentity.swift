// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopSystem
import Synchronization

/// The pod that this process is part of: who the own network namespace belongs to, for an agent that is a container among a
/// pod's others and may see no more than that.
///
/// Nobody is asked; labels follow the downward API's volume when they change.
public final class SidecarIdentity: IdentitySource {
    /// `sidecar`.
    public let name = "sidecar"
    private let look: @Sendable () -> SidecarFacts
    private let state: Mutex<IdentityStatus>

    /// Makes a source.
    ///
    /// - Parameter look: finds out about the pod; called now and for every inventory.
    public init(_ look: @escaping @Sendable () -> SidecarFacts = { SidecarFacts() }) {
        self.look = look
        var status = IdentityStatus(name: name)
        let facts = look()
        status.pods = facts.name.isEmpty ? 0 : 1
        status.answers = 1
        status.lastAnswer = SystemClock.wall
        status.peer = facts.sources.joined(separator: ", ")
        if facts.namespace.isEmpty || facts.name.isEmpty {
            let variables = SidecarFacts.variables.last
            status.failure = IdentityStatus.Failure(
                .absent,
                "nothing says the pod's \(facts.name.isEmpty ? "name" : "namespace"); set "
                    + "\((facts.name.isEmpty ? variables?.name : variables?.namespace) ?? "") by the downward API")
            status.failures[.absent] = 1
        }
        state = Mutex(status)
    }

    /// Names what is not the node's.
    public var provider: any EntityProvider { Provider(look: look) }
    /// Where the names are from.
    public var status: IdentityStatus { state.withLock { $0 } }

    /// Nothing, as nobody is asked.
    public func start(onChange: @escaping @Sendable () -> Void) throws(SystemError) {}
    /// Nothing.
    public func stop() {}

    /// Owned by the thread that takes censuses.
    private struct Provider: EntityProvider {
        let name = "sidecar"
        let look: @Sendable () -> SidecarFacts
        var facts = SidecarFacts?.none

        mutating func update(for inventory: HostInventory) -> Bool {
            let now = look()
            defer { facts = now }
            return now != facts
        }

        func identity(of subject: EntitySubject) -> EntityIdentity? {
            guard let facts, !subject.isHostNetwork, !facts.name.isEmpty else { return nil }
            return .pod(namespace: facts.namespace, name: facts.name, labels: facts.labels)
        }

        func reason(for subject: EntitySubject) -> String { facts?.sources.joined(separator: ", ") ?? "" }
    }
}
