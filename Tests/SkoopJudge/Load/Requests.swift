// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopLab
import Synchronization

extension Stage {
    /// Clients that connect, send, wait for as much to come back, and close.
    public func requests(
        to server: Endpoint, from host: LabHost? = nil, threads: Int = 1, every pause: Duration, bytes: Int = 200,
        timeout: Duration = .seconds(2)
    ) throws -> Load {
        let host = host ?? lab.client
        return try Load(on: host, threads: threads, every: pause) {
            let connection = try host.connect(to: server) { try $0.setTimeout(timeout) }
            try connection.send(count: bytes)
            guard try connection.receive(exactly: bytes).count == bytes else { throw LabError("too little came back") }
        }
    }

    /// Clients that keep their connections and make a new one where one ends.
    public func conversations(
        to server: Endpoint, threads: Int = 1, every pause: Duration, bytes: Int = 200, timeout: Duration = .seconds(2)
    ) throws -> Load {
        let host = lab.client
        return try Load(on: host, threads: threads, every: .milliseconds(100)) {
            let connection = try host.connect(to: server) { try $0.setTimeout(timeout) }
            try connection.sendAtOnce()
            for _ in 0..<200 {
                try connection.send(count: bytes)
                guard try connection.receive(exactly: bytes).count == bytes else { throw LabError("cut off") }
                rest(pause)
            }
        }
    }

    /// Clients that ask a DNS server.
    public func lookups(
        at server: Endpoint, threads: Int = 1, every pause: Duration, timeout: Duration = .seconds(5),
        name: String = "service.example"
    ) throws -> Load {
        let host = lab.client
        return try Load(on: host, threads: threads, every: pause) {
            let lookup = try host.lookUp(name, at: server, timeout: timeout)
            guard lookup.answer?.code == .noError else { throw LabError("no answer") }
        }
    }
}

/// A service that answers, and clients that ask it now and then over a connection of their own each time: what goes on
/// in the background of every scenario.
struct EverydayTraffic: ~Copyable {
    private let server: TCPServer
    private let load: Load

    init(_ stage: Stage) throws {
        let server = try TCPServer(in: stage.lab.server, stage.family, .echo)
        let load = try stage.requests(
            to: server.endpoint, every: stage.milliseconds(50...200), bytes: stage.any(50...2000))
        self.server = server
        self.load = load
    }
}
