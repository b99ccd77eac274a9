// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem
import SkoopTesting

/// A listening socket whose queue was full.
public struct ListenOverflow: Sendable, Hashable {
    /// Where it listens.
    public var server: Endpoint
    /// The clients whose connections wait to be accepted, in their order.
    public var waiting: [Endpoint]
    /// The clients that were turned away, each with one SYN.
    public var dropped: [Endpoint]
}

extension FaultLab {
    /// Fills the accept queue of a server that accepts nothing, and then sends it so many SYNs more.
    ///
    /// The kernel counts every one as `ListenOverflows` and `ListenDrops` and says nothing to the client.
    public func overflowListenQueue(
        _ family: IPFamily, port: UInt16 = 0, backlog: Int = 1, attempts: Int = 3
    ) throws -> ListenOverflow {
        let listener = try TCPListener(in: server, family, port: port, backlog: backlog)
        var overflow = ListenOverflow(server: listener.endpoint, waiting: [], dropped: [])
        // The kernel compares with "greater than": one more than the backlog fits.
        let waiting = try (0...backlog).map { _ in SharedConnection(try client.connect(to: listener.endpoint)) }
        overflow.waiting = waiting.map { $0.connection.local }
        guard try eventually({ try listener.socket.information().tcpi_unacked == UInt32(backlog) + 1 }) else {
            throw LabError("the queue of \(listener.endpoint) does not fill")
        }
        for _ in 0..<attempts {
            // Given up long before the first retransmission, after a second: one SYN each.
            let attempt = try client.tryToConnect(to: listener.endpoint, timeout: .milliseconds(20))
            guard attempt.errno == EINPROGRESS else {
                throw LabError("connect to a full queue: \(SystemError("connect", errno: attempt.errno))")
            }
            overflow.dropped.append(attempt.client)
        }
        return overflow
    }
}

/// A connection that more than one owner holds.
final class SharedConnection: Sendable {
    let connection: TCPSocket
    init(_ connection: consuming TCPSocket) { self.connection = connection }
}
