// SPDX-License-Identifier: Apache-2.0

/// Datagrams sent, and what became of them.
public struct DatagramBurst: Sendable, Hashable {
    /// The client's address and port.
    public var client: Endpoint
    /// Where they were sent.
    public var server: Endpoint
    /// How many were sent.
    public var sent: Int
    /// How many of them did not get to the receiver, as the kernel counts them.
    public var lost: Int
    /// The bytes in each.
    public var length: Int
}

extension FaultLab {
    /// Connects to a port where nobody listens: the server's kernel answers with a reset.
    public func connectToClosedPort(_ family: IPFamily, port: UInt16 = 7) throws -> ConnectAttempt {
        try client.tryToConnect(to: server.endpoint(family, port: port))
    }

    /// Sends datagrams to a port where nobody listens: the server's kernel drops them and answers with ICMP, of which
    /// it sends only so many a second.
    public func sendToClosedPort(
        _ family: IPFamily, port: UInt16 = 7, count: Int = 3, length: Int = 100
    ) throws -> DatagramBurst {
        let socket = try UDPSocket(in: client, family)
        let server = server.endpoint(family, port: port)
        let bytes = [UInt8](repeating: 0, count: length)
        for _ in 0..<count { try socket.send(bytes, to: server) }
        return DatagramBurst(client: socket.local, server: server, sent: count, lost: count, length: length)
    }
}
