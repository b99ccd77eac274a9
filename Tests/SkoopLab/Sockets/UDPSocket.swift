// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopSystem

/// A UDP socket of one of the lab's hosts, closed when the value goes. Calls block.
public struct UDPSocket: ~Copyable, Sendable {
    /// The socket itself.
    public let socket: LabSocket
    /// Where it is bound.
    public let local: Endpoint

    /// Opens a socket at the host's address.
    ///
    /// - Parameters:
    ///   - port: 0 lets the kernel choose.
    ///   - receiveBuffer: bytes for `SO_RCVBUF`, which the kernel doubles and takes for at least 2304.
    ///   - address: another address of the host's.
    public init(
        in host: LabHost, _ family: IPFamily, port: UInt16 = 0, receiveBuffer: Int? = nil, at address: String? = nil
    ) throws {
        let socket = try LabSocket.datagram(in: host, family)
        try socket.separateFamilies(family)
        if let receiveBuffer { try socket.setOption(SOL_SOCKET, SO_RCVBUF, CInt(receiveBuffer)) }
        try socket.bind(to: Endpoint(family, address ?? host.address(family), port: port))
        local = try socket.localEndpoint()
        self.socket = socket
    }

    /// Connects it, so that it hears of ICMP errors and from one peer only.
    public func connect(to remote: Endpoint) throws(SystemError) {
        let code = remote.withSocketAddress { Glibc.connect(socket.rawValue, $0, $1) }
        guard code == 0 else { throw SystemError(lastOf: "connect", "\(remote)") }
    }

    /// Sends a datagram; `remote` is left out where the socket is connected.
    ///
    /// - Throws: also an error that ICMP reported of an earlier datagram, `ECONNREFUSED` for example.
    public func send(_ bytes: [UInt8], to remote: Endpoint? = nil) throws(SystemError) {
        let code: Int
        if let remote {
            code = remote.withSocketAddress { sendto(socket.rawValue, bytes, bytes.count, 0, $0, $1) }
        } else {
            code = Glibc.send(socket.rawValue, bytes, bytes.count, 0)
        }
        guard code == bytes.count else { throw SystemError(lastOf: "send", remote.map { "\($0)" } ?? "") }
    }

    /// Sends a datagram where the send buffer has room for it at once.
    public func sendUnlessFull(_ bytes: [UInt8], to remote: Endpoint) {
        _ = remote.withSocketAddress {
            sendto(socket.rawValue, bytes, bytes.count, CInt(MSG_DONTWAIT), $0, $1)
        }
    }

    /// A datagram that arrived.
    public struct Datagram: Sendable, Hashable {
        /// Its content.
        public var bytes: [UInt8]
        /// Who sent it.
        public var sender: Endpoint
    }

    /// Waits for a datagram.
    ///
    /// - Parameter timeout: how long; forever where it is left out.
    /// - Returns: `nil` when the time is over, or when the socket was shut down.
    public func receive(within timeout: Duration? = nil) throws(SystemError) -> Datagram? {
        guard try socket.wait(for: Int32(POLLIN), timeout) != 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 65536)
        var count = 0
        let sender = Endpoint { address, length in
            count = recvfrom(socket.rawValue, &bytes, bytes.count, 0, address, &length.pointee)
            return count < 0 ? -1 : 0
        }
        guard count >= 0 else { throw SystemError(lastOf: "recvfrom", "\(local)") }
        return sender.map { Datagram(bytes: Array(bytes[..<count]), sender: $0) }
    }
}
