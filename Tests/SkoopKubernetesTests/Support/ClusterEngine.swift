// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Synchronization

/// The process that has the API server of a ``TestCluster`` and takes orders.
final class ClusterEngine: Sendable {
    struct Nothing: Decodable {}
    struct Files: ~Copyable {
        let directory: TemporaryDirectory
        let authority: TestAuthority
    }
    private struct Started: Decodable {
        var port: UInt16
        var version: String
    }
    private struct Reply<Value: Decodable>: Decodable {
        var ok: Value?
        var error: String?
    }

    let port: UInt16
    let version: String
    let files: Mutex<Files>
    private let process: Process
    private let orders: FileHandle
    private let answers: Mutex<FileHandle>

    init(_ kind: TestCluster.Kind) throws {
        if kind == .real {
            _ = try TestTools.clusterProgram("kube-apiserver")
            _ = try TestTools.program("etcd")
        }
        let directory = try TemporaryDirectory()
        let authority = try TestAuthority("cluster")
        let served = try authority.issue("kube-apiserver", for: "IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc")
        let tests = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let process = Process()
        process.executableURL = URL(filePath: try TestTools.python())
        process.arguments = [
            "-B", tests.appending(path: "SkoopKubernetesTests/APIServer/cluster.py").path(), kind.rawValue,
            directory.path + "/cluster", try TestTools.folder(), authority.certificate, served.certificate, served.key,
            tests.appending(path: "../Examples/Agent/manifests/10-rbac.yaml").path(),
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let handle = output.fileHandleForReading
        let started: Started = try Self.read(handle)
        port = started.port
        version = started.version
        self.process = process
        orders = input.fileHandleForWriting
        answers = Mutex(handle)
        files = Mutex(Files(directory: directory, authority: authority))
    }

    func ask<Value: Decodable>(text: String) throws -> Value {
        try answers.withLock { handle in
            try orders.write(contentsOf: Data((text + "\n").utf8))
            return try Self.read(handle)
        }
    }

    func ask<Value: Decodable>(_ order: String) throws -> Value { try ask(text: #"{"do": "\#(order)"}"#) }

    func tell(_ order: String) throws { let _: Nothing? = try ask(order) }

    func tell(_ order: some Encodable) throws {
        let _: Nothing? = try ask(text: String(decoding: JSONEncoder().encode(order), as: UTF8.self))
    }

    private static func read<Value: Decodable>(_ handle: FileHandle) throws -> Value {
        var line = Data()
        // One order is answered before the next is given: nothing follows the line.
        while line.last != UInt8(ascii: "\n") {
            let part = handle.availableData
            guard !part.isEmpty else { throw CommandError(command: ["cluster.py"], status: 1, errors: "it has ended") }
            line += part
        }
        let reply = try JSONDecoder().decode(Reply<Value>.self, from: line)
        if let error = reply.error { throw CommandError(command: ["cluster.py"], status: 1, errors: error) }
        if let value = reply.ok { return value }
        return try JSONDecoder().decode(Value.self, from: Data("null".utf8))
    }

    deinit {
        // At the end of its orders it ends the server.
        try? orders.close()
        process.waitUntilExit()
    }
}
