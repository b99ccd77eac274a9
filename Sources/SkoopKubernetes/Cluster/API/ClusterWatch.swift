import SkoopHTTP
// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopModel
public import SkoopSystem
import Synchronization

/// The pods, nodes, services and endpoint slices of a cluster, as its API server tells.
///
/// Each resource is listed once and then watched, by a thread of its own. A watch that ends is taken up where it was; where
/// the server does not know that place any more the resource is listed anew, and what is known stays until it is.
public final class ClusterWatch: IdentitySource {
    /// `cluster`.
    public let name = "cluster"
    private let settings: ClusterSettings
    private let board: ClusterBoard
    private let state: Mutex<IdentityStatus>
    private let watchers: [ResourceWatcher]
    private let isStopping = Monitor(false)

    /// Makes a source that does not ask yet.
    public init(_ settings: ClusterSettings) {
        self.settings = settings
        let board = ClusterBoard(node: settings.node)
        self.board = board
        let resources: [ClusterResource] = settings.scope == .node ? [.pods] : ClusterResource.allCases
        let isStopping = isStopping
        watchers = resources.map { ResourceWatcher($0, settings, board, isStopping) }
        var status = IdentityStatus(name: "cluster")
        status.parts = resources.map { IdentityStatus.Part(name: $0.rawValue) }
        state = Mutex(status)
    }

    /// Names this node's pods, and whoever has an address in the cluster.
    public var provider: any EntityProvider { PodProvider(board.pods, name: "API server", peers: board) }

    /// How the server fares. It is as stale as the stalest of the resources that it has ever told of, and fails where one of them does.
    public var status: IdentityStatus {
        var status = state.withLock { $0 }
        status.parts = []
        for watcher in watchers {
            let (part, answers, failures, peer) = watcher.report
            if !peer.isEmpty { status.peer = peer }
            status.parts.append(part)
            status.answers += answers
            status.failures.merge(failures, uniquingKeysWith: +)
            if status.failure == nil { status.failure = part.failure }
            if part.name == ClusterResource.pods.rawValue { status.pods = part.objects }
        }
        status.lastAnswer = status.parts.map(\.lastAnswer).filter { $0 > 0 }.min() ?? 0
        status.mode = status.parts.first { !$0.mode.isEmpty }?.mode ?? ""
        return status
    }

    /// The pods of this node, and those that have gone since a minute ago.
    public var pods: PodTable { board.pods.latest.table }

    /// Whose an address is in the cluster; see ``ClusterTable/peer(of:at:)``.
    public func peer(of address: IPAddress, at moment: UInt64? = nil) -> Peer { board.peer(of: address, at: moment) }

    /// The services behind which an address is.
    public func services(behind address: IPAddress) -> [Peer] { board.table { $0.services(behind: address) } }

    /// Begins to ask, on threads of its own.
    ///
    /// - Parameter onChange: called on any thread when other pods of this node are known than before; must not block.
    /// - Throws: when a thread cannot be made.
    public func start(onChange: @escaping @Sendable () -> Void) throws(SystemError) {
        board.pods.listen(onQuestion: {}, onChange: onChange)
        for watcher in watchers { try watcher.start() }
    }

    /// Ends; an answer that is still to come is given up within seconds.
    public func stop() {
        isStopping.update { $0 = true }
        for watcher in watchers { watcher.cancel() }
    }
}
