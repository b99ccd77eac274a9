// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A DNS server of one of the lab's hosts, by UDP and by TCP on the same port. It ends when the value goes.
public struct DNSServer: ~Copyable, Sendable {
    /// Where it is.
    public let endpoint: Endpoint
    private let udp: UDPServer
    private let tcp: TCPServer
    private let state: State

    private final class State: Sendable {
        let queries = Mutex<[DNSMessage]>([])
    }

    /// Starts a server at the host's address.
    public init(
        in host: LabHost, _ family: IPFamily, port: UInt16 = 53, _ behaviour: DNSBehaviour = .answer()
    ) throws {
        let state = State()
        let reply = { @Sendable (bytes: [UInt8], transport: DNSBehaviour.Transport) -> DNSBehaviour.Reply? in
            guard let query = DNSMessage(bytes), !query.isResponse else { return nil }
            state.queries.withLock { $0.append(query) }
            return behaviour.reply(query, transport)
        }
        let udp = try UDPServer(in: host, family, port: port) { request in
            reply(request.bytes, .udp).map { UDPServer.Answer($0.message.bytes, after: $0.delay) }
        }
        let tcp = try TCPServer(
            in: host, family, port: port,
            TCPService { connection in
                while let bytes = try connection.receiveDNS() {
                    guard let reply = reply(bytes, .tcp) else { continue }
                    pause(reply.delay)
                    try connection.sendDNS(reply.message.bytes)
                }
            })
        endpoint = udp.endpoint
        self.udp = udp
        self.tcp = tcp
        self.state = state
    }

    /// The queries it has understood, in the order of arrival.
    public var queries: [DNSMessage] { state.queries.withLock { $0 } }
}

extension TCPSocket {
    /// Sends a message after its length (RFC 1035 section 4.2.2).
    func sendDNS(_ bytes: [UInt8]) throws {
        try send([UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes)
    }

    /// Receives a message after its length; `nil` at the end of the connection.
    func receiveDNS() throws -> [UInt8]? {
        let length = try receive(exactly: 2)
        guard length.count == 2 else { return nil }
        let count = Int(length[0]) << 8 | Int(length[1])
        let bytes = try receive(exactly: count)
        return bytes.count == count ? bytes : nil
    }
}
