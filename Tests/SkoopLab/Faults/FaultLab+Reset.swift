// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopTesting

/// Why one side resets an established connection.
public enum ResetCause: String, Sendable, Hashable, CaseIterable {
    /// The process closes a socket that has no time to linger (`SO_LINGER` 0).
    case linger
    /// The process closes a socket with data in it that nobody has read.
    case unreadData
    /// Data arrives after the process has closed the socket, and nobody can read it any more.
    case dataAfterClose
    /// An administrator destroys the socket (`ss -K`); needs CONFIG_INET_DIAG_DESTROY.
    case destroyed
    /// Nothing answers the probes of an idle connection (`SO_KEEPALIVE`); takes two seconds. Needs nf_tables.
    case keepalive
}

/// A connection that one side has reset.
public struct ResetConnection: Sendable, Hashable {
    /// The client's address and port.
    public var client: Endpoint
    /// The server's.
    public var server: Endpoint
    /// Whose kernel sent the reset.
    public var sender: Endpoint
    /// Whose kernel received it.
    public var receiver: Endpoint { sender == client ? server : client }
    /// Why it was sent.
    public var cause: ResetCause
}

extension FaultLab {
    /// A side of the lab.
    public enum Side: String, Sendable, Hashable, CaseIterable {
        /// The one that connects.
        case client
        /// The one that listens.
        case server
    }

    /// Makes a connection and lets one side reset it, exactly once, as the other side sees before this returns.
    public func resetConnection(
        _ family: IPFamily, by side: Side, because cause: ResetCause, port: UInt16 = 0
    ) throws -> ResetConnection {
        let listener = try TCPListener(in: server, family, port: port)
        let client = try self.client.connect(to: listener.endpoint)
        let accepted = try listener.accept()
        let record = ResetConnection(
            client: client.local, server: listener.endpoint, sender: side == .client ? client.local : accepted.local,
            cause: cause)
        switch side {
        case .client: try reset(client, at: self.client, toldTo: accepted, because: cause)
        case .server: try reset(accepted, at: server, toldTo: client, because: cause)
        }
        return record
    }

    private func reset(
        _ sender: consuming TCPSocket, at host: LabHost, toldTo receiver: borrowing TCPSocket, because cause: ResetCause
    ) throws {
        switch cause {
        case .linger:
            try sender.resetOnClose()
            _ = consume sender
        case .unreadData:
            try receiver.send(count: 10)
            guard try eventually({ try sender.unread() == 10 }) else { throw LabError("10 bytes did not arrive") }
            _ = consume sender
        case .dataAfterClose:
            // Longer than a minute, and the kernel keeps the socket instead of a remainder that resets by itself.
            try sender.socket.setOption(IPPROTO_TCP, TCP_LINGER2, 120)
            _ = consume sender
            // The end arrives first.
            _ = try receiver.receive()
            try receiver.send(count: 10)
        case .destroyed:
            try host.run("ss", "-K", "sport", "=", ":\(sender.local.port)", "dport", "=", ":\(sender.remote.port)")
        case .keepalive:
            // The answers vanish, so that the other side is alive to see the reset.
            let silence = try NetfilterRule(
                on: host, .input, PacketMatch(.tcp, sender.local.family, to: sender.local.port), .drop)
            for (name, value) in [(TCP_KEEPIDLE, 1), (TCP_KEEPINTVL, 1), (TCP_KEEPCNT, 1)] as [(CInt, CInt)] {
                try sender.socket.setOption(IPPROTO_TCP, name, value)
            }
            try sender.socket.setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
            _ = try sender.socket.wait(for: 0, .seconds(20))
            guard try silence.chosen().packets > 0 else { throw LabError("no probe was sent") }
        }
        guard try receiver.socket.wait(for: 0, .seconds(10)) & Int32(POLLERR | POLLHUP) != 0 else {
            throw LabError("no reset arrived at \(receiver.local)")
        }
    }
}
