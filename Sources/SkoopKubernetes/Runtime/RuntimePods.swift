// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
public import SkoopSystem

/// The pods of this host's container runtime.
///
/// The runtime is asked for a list when it says that something has changed, when something looks like a pod's and is none
/// that is known, and at every interval. For a single pod it is asked once at most, for the mount of its network namespace,
/// and only where nobody else names a mount. As long as it does not answer, the pods of its last answer stay.
public final class RuntimePods: IdentitySource {
    /// Which runtime is asked, and how often.
    public struct Settings: Sendable, Hashable {
        /// The socket; nil looks for the well-known ones.
        public var socket: RuntimeSocket?
        /// How often the pods are listed where the runtime does not say that they have changed.
        public var interval: Duration = .seconds(5)

        /// Makes the defaults.
        public init() {}
    }

    /// How often the pods are listed where the runtime streams events, in case one was lost.
    private static let check: Duration = .seconds(60)
    /// Between two lists, however much happens.
    private static let pause: Duration = .milliseconds(50)
    /// How long until a runtime that does not answer is asked again: at first, and at most.
    private static let retries: (first: Duration, longest: Duration) = (.milliseconds(500), .seconds(10))

    private struct Orders: Sendable {
        /// Who is to be asked; nil for nobody.
        var settings: Settings?
        var isStopping = false
        /// Something has changed or is asked for.
        var isWanted = false
        /// How many connections there were, and why the last is of no use any more.
        var connections = 0
        var end: IdentityStatus.Failure?

        /// Whether it is still the same runtime that is to be asked.
        func isAbout(_ wanted: Settings) -> Bool {
            guard let settings, !isStopping else { return false }
            return settings.socket == wanted.socket
        }
    }

    /// `runtime`.
    public let name = "runtime"
    private let board = PodBoard()
    private let orders: Monitor<Orders>
    private let state = Monitor(IdentityStatus(name: "runtime"))

    /// Makes a source that does not ask yet.
    ///
    /// - Parameter settings: which runtime is to be asked; nil for none until ``change(_:)`` says otherwise.
    public init(_ settings: Settings? = Settings()) { orders = Monitor(Orders(settings: settings)) }

    /// Who is to be asked, and how often; nil for nobody.
    public var settings: Settings? { orders.update { $0.settings } }
    /// Names what belongs to a pod of the runtime, as of its last answer.
    public var provider: any EntityProvider { PodProvider(board) }
    /// How the runtime fares.
    public var status: IdentityStatus {
        var status = state.update { $0 }
        status.isWanted = settings != nil
        return status
    }
    /// The pods of the last answer, and those that have gone since a minute ago.
    public var pods: PodTable { board.latest.table }

    /// Begins to ask, on a thread of its own.
    ///
    /// - Parameter onChange: called on any thread when other pods are known than before; must not block.
    /// - Throws: when a thread cannot be made.
    public func start(onChange: @escaping @Sendable () -> Void) throws(SystemError) {
        board.listen(onQuestion: { [orders] in orders.update { $0.isWanted = true } }, onChange: onChange)
        _ = try WorkerThread(name: "runtime") { [self] in run() }
    }

    /// Ends; a call that is under way is given up within seconds.
    public func stop() { orders.update { $0.isStopping = true } }

    /// Asks another runtime, or at other intervals; a call that is under way is given up within seconds.
    ///
    /// Pods that are known stay so until the other runtime has answered, and for a minute then.
    ///
    /// - Parameter settings: whom to ask; nil for nobody, and then all pods are forgotten.
    public func change(_ settings: Settings?) { orders.update { $0.settings = settings } }

    /// Waits for the first answer, or until there can be none.
    ///
    /// - Parameter duration: for how long at most.
    public func waitUntilAsked(for duration: Duration) {
        guard settings != nil else { return }
        state.wait(until: .now + duration) { $0.answers > 0 || $0.failure != nil ? true : nil }
    }

    private func run() {
        var retry = Self.retries.first
        var last: Settings?
        while let wanted = wanted() {
            if last.map({ $0.socket != wanted.socket }) == true {
                retry = Self.retries.first
                state.update { state in
                    state.peer = ""
                    state.mode = ""
                }
            }
            last = wanted
            let answers = status.answers
            do throws(IdentityStatus.Failure) {
                let client = try connect(wanted.socket)
                defer { client.close() }
                try follow(client, wanted)
            } catch {
                board.miss()
                state.update { state in
                    state.failure = error
                    state.failures[error.reason, default: 0] += 1
                }
            }
            if status.answers > answers { retry = Self.retries.first }
            orders.wait(until: .now + retry) { $0.isAbout(wanted) ? nil : true }
            retry = min(retry * 2, Self.retries.longest)
        }
    }

    /// Waits until somebody is to be asked.
    ///
    /// - Returns: whom to ask; nil at the end.
    private func wanted() -> Settings? {
        if orders.update({ $0.settings == nil && !$0.isStopping }) {
            board.forget()
            state.update { state in
                let (answers, failures) = (state.answers, state.failures)
                state = IdentityStatus(name: name)
                (state.answers, state.failures) = (answers, failures)
            }
        }
        let order = orders.wait { $0.isStopping || $0.settings != nil ? $0 : nil }
        return order.flatMap { $0.isStopping ? nil : $0.settings }
    }

    /// The first of the sockets at which somebody answers.
    private func connect(_ socket: RuntimeSocket?) throws(IdentityStatus.Failure) -> any RuntimeClient {
        var failure = IdentityStatus.Failure(
            .absent, "no socket of a container runtime: \(RuntimeSocket.wellKnown.map(\.path).joined(separator: ", "))")
        for socket in RuntimeSocket.candidates(wanted: socket) {
            guard FileIdentity.isSocket(socket.path) else {
                failure = IdentityStatus.Failure(.absent, "\(socket.path): there is no socket")
                continue
            }
            do throws(IdentityStatus.Failure) {
                let client = try socket.connect()
                do throws(IdentityStatus.Failure) {
                    let greeting = try client.greeting()
                    state.update { $0.peer = "\(greeting) at \(socket.path)" }
                    return client
                } catch {
                    client.close()
                    throw error
                }
            } catch {
                failure = IdentityStatus.Failure(error.reason, "\(socket.path): \(error.message)")
            }
        }
        throw failure
    }

    /// Lists the pods again and again, until the runtime does not answer or nobody wants to know.
    private func follow(_ client: any RuntimeClient, _ wanted: Settings) throws(IdentityStatus.Failure) {
        var mounts: [String: String?] = [:]
        try list(client, &mounts)
        let connection = orders.update { orders in
            orders.end = nil
            orders.connections += 1
            return orders.connections
        }
        state.update { $0.mode = "events" }
        client.follow { [self] news in
            switch news {
            case .change: orders.update { $0.isWanted = true }
            case .unsupported: state.update { $0.mode = "interval" }
            case .end(let failure):
                // An earlier connection may say so late.
                orders.update { if $0.connections == connection { $0.end = failure } }
            }
        }
        while true {
            let interval = settings?.interval ?? Self.check
            let pause = status.mode == "events" ? Self.check : interval
            let end = MonotonicTime.now + (board.haste ?? pause)
            let order = orders.wait(until: end) { orders -> Orders? in
                let isOther = !orders.isAbout(wanted) || orders.settings?.interval != interval
                guard orders.isWanted || isOther || orders.end != nil else { return nil }
                defer { orders.isWanted = false }
                return orders
            }
            if let order, !order.isAbout(wanted) { return }
            if let failure = order?.end { throw failure }
            try list(client, &mounts)
            orders.wait(until: .now + Self.pause) { $0.isAbout(wanted) ? nil : true }
        }
    }

    /// Lists the pods once.
    ///
    /// - Parameter mounts: the mounts of the sandboxes that have been asked for them, nil for none.
    private func list(
        _ client: any RuntimeClient, _ mounts: inout [String: String?]
    ) throws(IdentityStatus.Failure) {
        let begin = MonotonicTime.now
        var pods = try client.pods()
        let isMountWanted = board.isMountWanted()
        for position in pods.indices where pods[position].isReady {
            let pod = pods[position]
            if isMountWanted, mounts[pod.sandbox] == nil {
                mounts[pod.sandbox] = .some(try client.networkNamespace(of: pod))
            }
            pods[position].networkNamespace = mounts[pod.sandbox] ?? nil
        }
        let sandboxes = Set(pods.map(\.sandbox))
        mounts = mounts.filter { sandboxes.contains($0.key) }
        board.publish(pods, of: begin)
        state.update { state in
            state.pods = pods.count(where: \.isReady)
            state.answers += 1
            state.lastAnswer = SystemClock.wall
            state.failure = nil
        }
    }
}

extension RuntimeSocket {
    /// A client that speaks the socket's language.
    func connect() throws(IdentityStatus.Failure) -> any RuntimeClient {
        switch language {
        case .docker: return DockerClient(path: path)
        case .cri:
            #if Kubernetes
                return try CRIClient(path: path)
            #else
                throw IdentityStatus.Failure(.refused, "this program was built without gRPC (the trait Kubernetes)")
            #endif
        }
    }
}
