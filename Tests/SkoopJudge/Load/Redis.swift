// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

/// Redis: one thread that serves everybody, and nobody while a command takes long.
struct Redis: ~Copyable {
    let endpoint: Endpoint
    private let program: LabProgram
    private let directory: TemporaryDirectory

    init(_ stage: Stage, backlog: Int = 511) throws {
        let endpoint = stage.endpoint(stage.lab.server, stage.port())
        let directory = try TemporaryDirectory()
        let program = try LabProgram(
            [
                try TestTools.program("redis-server"), "--bind", endpoint.address, "--port", "\(endpoint.port)",
                "--tcp-backlog", "\(backlog)", "--save", "", "--protected-mode", "no", "--enable-debug-command", "yes",
                "--dir", directory.path,
            ], in: stage.lab.server)
        try stage.waitUntilOpen(endpoint)
        self.endpoint = endpoint
        self.program = program
        self.directory = directory
    }
}

extension Stage {
    /// Clients of Redis that ask something quick again and again, over one connection each or a new one each time.
    func pings(
        to redis: Endpoint, threads: Int, every pause: Duration, isKept: Bool, timeout: Duration = .seconds(10)
    ) throws -> Load {
        let host = lab.client
        return try Load(on: host, threads: threads, every: pause) {
            let connection = try host.connect(to: redis) { try $0.setTimeout(timeout) }
            try connection.sendAtOnce()
            for _ in 0..<(isKept ? 50 : 1) {
                try connection.send(Array("PING\r\n".utf8))
                guard try connection.receive(exactly: 7).count == 7 else { throw LabError("no PONG") }
                if isKept { rest(pause) }
            }
        }
    }

    /// Somebody who sends a command to Redis again and again and waits for the answer.
    func commands(_ command: String, to redis: Endpoint, every pause: Duration) throws -> Load {
        let host = lab.client
        return try Load(on: host, every: pause) {
            let connection = try host.connect(to: redis) { try $0.setTimeout(.seconds(30)) }
            try connection.send(Array("\(command)\r\n".utf8))
            _ = try connection.receive()
        }
    }
}
