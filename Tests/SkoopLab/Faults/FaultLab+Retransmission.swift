// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopTesting

/// How TCP finds out that a segment of data is lost.
public enum RetransmissionKind: String, Sendable, Hashable, CaseIterable {
    /// Later segments were acknowledged.
    case fast
    /// Nothing was acknowledged for the retransmission timeout, at least 200 ms.
    case timeout
    /// The last of several segments was sent again because no acknowledgement came (RFC 8985 section 7).
    case tailLossProbe
}

/// A segment that was lost, once, and sent again.
public struct Retransmission: Sendable, Hashable {
    /// The client's address and port; it sent the segment.
    public var client: Endpoint
    /// The server's.
    public var server: Endpoint
    /// How the loss was found out.
    public var kind: RetransmissionKind
    /// How many segments of data the client sent first.
    public var segments: Int
    /// Which of them was dropped, the first being 0.
    public var lost: Int
    /// The bytes of data in each.
    public var length: Int
    /// How many segments the client's kernel says it sent again (`tcpi_total_retrans`): one, or more where the machine
    /// was so busy that acknowledgements came late.
    public var resent: Int
}

extension FaultLab {
    /// Sends segments over a connection, drops exactly one of them at the server, and returns when all have arrived.
    public func retransmit(
        _ family: IPFamily, _ kind: RetransmissionKind, port: UInt16 = 0
    ) throws -> Retransmission {
        let listener = try TCPListener(in: server, family, port: port)
        try client.setting("ipv4/tcp_early_retrans", kind == .tailLossProbe ? "3" : "0")
        defer { try? client.setting("ipv4/tcp_early_retrans", "0") }
        let client = try self.client.connect(to: listener.endpoint)
        let server = try listener.accept()
        try client.sendAtOnce()
        let (segments, lost) =
            switch kind {
            // All within the first congestion window of ten, and more than three after the lost one.
            case .fast: (8, 1)
            case .timeout: (1, 0)
            case .tailLossProbe: (2, 1)
            }
        let length = 1000
        let loss = try NetfilterRule(
            on: self.server, .input, PacketMatch(.tcp, family, to: listener.endpoint.port, .data),
            choosing: .only(lost), .drop)
        for _ in 0..<segments { try client.send(count: length) }
        guard try server.receive(exactly: segments * length).count == segments * length,
            try loss.chosen().packets == 1
        else { throw LabError("the connection ended, or nothing was dropped") }
        guard try eventually({ try client.socket.information().tcpi_unacked == 0 }) else {
            throw LabError("data of \(client.local) is never acknowledged")
        }
        return Retransmission(
            client: client.local, server: listener.endpoint, kind: kind, segments: segments, lost: lost, length: length,
            resent: Int(try client.socket.information().tcpi_total_retrans))
    }
}
