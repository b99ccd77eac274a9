// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopSystem

extension Stage {
    /// Clients that leave the choice of their port to connect().
    func anonymousRequests(to server: Endpoint, every pause: Duration) throws -> Load {
        let host = lab.client
        return try Load(on: host, every: pause) {
            let connection = try host.connect(to: server) { socket in
                try socket.setTimeout(.seconds(2))
                try socket.setOption(IPPROTO_IP, bindWithoutPort, 1)
            }
            try connection.send(count: 10)
            _ = try connection.receive(exactly: 10)
        }
    }

    /// Clients that only send, over connections that they keep for some seconds.
    func writes(
        to server: Endpoint, threads: Int, bytes: Int = 50_000, every pause: Duration = .milliseconds(20)
    ) throws -> Load {
        let host = lab.client
        return try Load(on: host, threads: threads, every: .milliseconds(100)) {
            let connection = try host.connect(to: server) { try $0.setTimeout(.milliseconds(500)) }
            try connection.sendAtOnce()
            let end = MonotonicTime.now + .seconds(6)
            while MonotonicTime.now < end {
                // A send that times out is what is wanted: the window is closed.
                try? connection.send(count: bytes)
                rest(pause)
            }
        }
    }

    /// Clients that read the beginning of an answer and close.
    func impatientRequests(to server: Endpoint, every pause: Duration) throws -> Load {
        let host = lab.client
        return try Load(on: host, every: pause) {
            let connection = try host.connect(to: server) { try $0.setTimeout(.seconds(2)) }
            try connection.send(Array("GET / HTTP/1.1\r\nHost: lab\r\n\r\n".utf8))
            _ = try connection.receive(exactly: 100)
        }
    }

    /// Clients that connect and reset at once, as some health checks do.
    func resettingChecks(of server: Endpoint, every pause: Duration) throws -> Load {
        let host = lab.client
        return try Load(on: host, every: pause) {
            let connection = try host.connect(to: server) { try $0.setTimeout(.seconds(2)) }
            try connection.resetOnClose()
        }
    }

    /// Clients that ask a web server, a connection each.
    func httpRequests(to server: Endpoint, threads: Int, every pause: Duration) throws -> Load {
        let host = lab.client
        return try Load(on: host, threads: threads, every: pause) {
            let connection = try host.connect(to: server) { try $0.setTimeout(.seconds(5)) }
            try connection.send(Array("GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n".utf8))
            var count = 0
            while case let more = try connection.receive(), !more.isEmpty { count += more.count }
            guard count > 0 else { throw LabError("no answer") }
        }
    }

    /// Servers of a kind: they write more than the other side takes, and close.
    func abandonedAnswers(to server: Endpoint, every pause: Duration) throws -> Load {
        let host = lab.client
        return try Load(on: host, threads: 2, every: pause) {
            let connection = try host.connect(to: server) { try $0.setTimeout(.milliseconds(20)) }
            try? connection.send(count: 200_000)
        }
    }

    /// A connection that is kept, with keep-alive probes every second, two of which may be lost.
    func keptAlive(to server: Endpoint) throws -> KeptConnection {
        KeptConnection(
            try lab.client.connect(to: server) { socket in
                for (name, value) in [(TCP_KEEPIDLE, 1), (TCP_KEEPINTVL, 1), (TCP_KEEPCNT, 2)] as [(CInt, CInt)] {
                    try socket.setOption(IPPROTO_TCP, name, value)
                }
                try socket.setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
            })
    }
}

/// A connection for an array.
final class KeptConnection: Sendable {
    private let connection: TCPSocket
    init(_ connection: consuming TCPSocket) { self.connection = connection }
}

/// `IP_BIND_ADDRESS_NO_PORT` of `linux/in.h`.
private let bindWithoutPort: CInt = 24
