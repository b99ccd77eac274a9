// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import SkoopSystem
import Synchronization

/// A TCP server of one of the lab's hosts, with a thread for every connection. It ends when the value goes.
public struct TCPServer: ~Copyable, Sendable {
    /// Where it listens.
    public let endpoint: Endpoint
    private let state: State

    /// Starts a server at the host's address.
    ///
    /// - Parameters:
    ///   - port: 0 lets the kernel choose.
    ///   - backlog: how many connections may wait to be accepted.
    ///   - receiveBuffer: bytes for `SO_RCVBUF` of its connections.
    ///   - address: another address of the host's.
    ///   - service: called with every connection in a thread of its own; the connection is closed when it returns.
    public init(
        in host: LabHost, _ family: IPFamily, port: UInt16 = 0, backlog: Int = 128, receiveBuffer: Int? = nil,
        at address: String? = nil, _ service: TCPService
    ) throws {
        let listener = try TCPListener(
            in: host, family, port: port, backlog: backlog, receiveBuffer: receiveBuffer, at: address)
        let endpoint = listener.endpoint
        let state = State(listener)
        try host.startThread("lab-accept", in: state.group) { state.acceptAll(host, service) }
        self.endpoint = endpoint
        self.state = state
    }

    /// How many connections it has accepted.
    public var accepted: Int { state.accepted.load(ordering: .relaxed) }

    deinit { state.stop() }

    /// What the threads share.
    private final class State: Sendable {
        let listener: TCPListener
        let accepted = Atomic<Int>(0)
        let group = DispatchGroup()
        /// The sockets being served; `nil` when the server has stopped.
        private let serving = Mutex<Set<CInt>?>([])

        init(_ listener: consuming TCPListener) { self.listener = listener }

        func acceptAll(_ host: LabHost, _ service: TCPService) {
            while let connection = try? listener.accept() {
                accepted.add(1, ordering: .relaxed)
                let shared = SharedConnection(connection)
                try? host.startThread("lab-serve", in: group) { [self] in serve(shared, service) }
            }
        }

        private func serve(_ shared: SharedConnection, _ service: TCPService) {
            let descriptor = shared.connection.socket.rawValue
            let isServed = serving.withLock { $0?.insert(descriptor).inserted ?? false }
            if isServed { service.serve(shared.connection) }
            // Forgotten before it is closed: the number may be another socket's at once.
            serving.withLock { _ = $0?.remove(descriptor) }
        }

        func stop() {
            shutdown(listener.socket.rawValue, CInt(SHUT_RDWR))
            serving.withLock { serving in
                for descriptor in serving ?? [] { shutdown(descriptor, CInt(SHUT_RDWR)) }
                serving = nil
            }
            group.wait()
        }
    }
}
