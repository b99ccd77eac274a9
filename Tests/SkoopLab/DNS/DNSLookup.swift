// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

/// A query and what came of it.
public struct DNSLookup: Sendable, Hashable {
    /// The client's address and port.
    public var client: Endpoint
    /// The server's.
    public var server: Endpoint
    /// By which protocol it was asked.
    public var transport: DNSBehaviour.Transport
    /// What was asked.
    public var query: DNSMessage
    /// What was answered; `nil` where nothing came in time.
    public var answer: DNSMessage?
    /// From the query to the answer, or to giving up.
    public var duration: Duration
}

extension LabHost {
    /// Asks a DNS server once.
    ///
    /// - Parameters:
    ///   - type: an IPv4 address where it is left out.
    ///   - timeout: how long to wait for the answer.
    public func lookUp(
        _ name: String, _ type: DNSMessage.RecordType = .a, at server: Endpoint,
        by transport: DNSBehaviour.Transport = .udp, timeout: Duration = .seconds(5)
    ) throws -> DNSLookup {
        let query = DNSMessage(id: .random(in: 0 ... .max), name: name, type: type)
        let start: MonotonicTime
        var answer: [UInt8]?
        let client: Endpoint
        switch transport {
        case .udp:
            let socket = try UDPSocket(in: self, server.family)
            try socket.connect(to: server)
            client = socket.local
            start = .now
            try socket.send(query.bytes)
            answer = try socket.receive(within: timeout)?.bytes
        case .tcp:
            let connection = try connect(to: server)
            try connection.socket.setTimeout(timeout)
            client = connection.local
            start = .now
            try connection.sendDNS(query.bytes)
            if try connection.socket.wait(for: Int32(POLLIN), timeout) != 0 { answer = try connection.receiveDNS() }
        }
        let message = answer.flatMap(DNSMessage.init)
        guard message == nil || message?.id == query.id else { throw LabError("an answer to another query") }
        return DNSLookup(
            client: client, server: server, transport: transport, query: query, answer: message,
            duration: MonotonicTime.now.since(start))
    }
}
