// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

/// What came of one `connect`.
public struct ConnectAttempt: Sendable, Hashable {
    /// The client's address and port.
    public var client: Endpoint
    /// Whom it called.
    public var server: Endpoint
    /// The error number of the call, for example `ECONNREFUSED`, or `EINPROGRESS` where it was given up; 0 for success.
    public var errno: CInt
    /// How long the call took.
    public var duration: Duration
}

extension LabHost {
    /// Connects to a server.
    ///
    /// - Parameters:
    ///   - port: the client's; 0 lets the kernel choose.
    ///   - configure: called with the socket before it is bound and connected.
    /// - Throws: what `connect` says.
    public func connect(
        to server: Endpoint, from port: UInt16 = 0, _ configure: (borrowing LabSocket) throws -> Void = { _ in }
    ) throws -> TCPSocket {
        let socket = try boundStream(server.family, port, configure)
        let attempt = try connect(socket, to: server)
        guard attempt.errno == 0 else { throw SystemError("connect", "\(server)", errno: attempt.errno) }
        return TCPSocket(socket, local: attempt.client, remote: server)
    }

    /// Tries to connect, and says what came of it; what was connected is closed again.
    ///
    /// - Parameter timeout: when to give up; the kernel by itself takes minutes.
    public func tryToConnect(
        to server: Endpoint, from port: UInt16 = 0, timeout: Duration = .seconds(10),
        _ configure: (borrowing LabSocket) throws -> Void = { _ in }
    ) throws -> ConnectAttempt {
        let socket = try boundStream(server.family, port, configure)
        try socket.setTimeout(timeout)
        return try connect(socket, to: server)
    }

    /// Bound at once, because nobody can say afterwards which port a socket had that never connected.
    private func boundStream(
        _ family: IPFamily, _ port: UInt16, _ configure: (borrowing LabSocket) throws -> Void
    ) throws -> LabSocket {
        let socket = try LabSocket.stream(in: self, family)
        try configure(socket)
        try socket.bind(to: endpoint(family, port: port))
        return socket
    }

    private func connect(_ socket: borrowing LabSocket, to server: Endpoint) throws -> ConnectAttempt {
        let local = try socket.localEndpoint()
        let descriptor = socket.rawValue
        let start = MonotonicTime.now
        let code = try inside {
            server.withSocketAddress { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : Glibc.errno }
        }
        return ConnectAttempt(client: local, server: server, errno: code, duration: MonotonicTime.now.since(start))
    }
}
