// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc
public import SkoopSystem

/// A listening TCP socket that accepts only when it is asked to.
public struct TCPListener: ~Copyable, Sendable {
    /// The socket itself.
    public let socket: LabSocket
    /// Where it listens.
    public let endpoint: Endpoint

    /// Listens at the host's address.
    ///
    /// - Parameters:
    ///   - port: 0 lets the kernel choose.
    ///   - backlog: how many connections may wait to be accepted; the kernel takes one more.
    ///   - receiveBuffer: bytes for `SO_RCVBUF` of what is accepted.
    ///   - address: another address of the host's.
    public init(
        in host: LabHost, _ family: IPFamily, port: UInt16 = 0, backlog: Int = 128, receiveBuffer: Int? = nil,
        at address: String? = nil
    ) throws {
        let socket = try LabSocket.stream(in: host, family)
        try socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        try socket.separateFamilies(family)
        if let receiveBuffer { try socket.setOption(SOL_SOCKET, SO_RCVBUF, CInt(receiveBuffer)) }
        try socket.bind(to: Endpoint(family, address ?? host.address(family), port: port))
        guard listen(socket.rawValue, CInt(backlog)) == 0 else { throw SystemError(lastOf: "listen") }
        endpoint = try socket.localEndpoint()
        self.socket = socket
    }

    /// Waits for a connection.
    ///
    /// - Throws: `EINVAL` after the socket was shut down.
    public func accept() throws(SystemError) -> TCPSocket {
        var descriptor: CInt = -1
        repeat {
            let remote = Endpoint { address, length in
                descriptor = skoop_accept4(socket.rawValue, address, length, CInt(SOCK_CLOEXEC.rawValue))
                return descriptor
            }
            if let remote {
                let connection = LabSocket(owning: descriptor)
                let local = try connection.localEndpoint()
                return TCPSocket(connection, local: local, remote: remote)
            }
        } while descriptor >= 0 || errno == EINTR || errno == ECONNABORTED
        throw SystemError(lastOf: "accept", "\(endpoint)")
    }
}
