// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting

/// The real containerd with runc and the CNI's bridge, and pods as a kubelet would have it make them; see Node/node.py.
///
/// The bridge is in a namespace of the test's own. All ends when the value goes, also when the test run is killed.
struct NodeRuntime: ~Copyable {
    /// A pod to be made.
    struct Order: Encodable {
        var `do` = "run"
        var name: String
        var namespace = "shop"
        var uid = UUID().uuidString.lowercased()
        var labels: [String: String] = [:]
        var host = false
        var cgroup: String?
        /// Run to their end before the others.
        var inits: [String: [String]] = [:]
        var containers: [String: [String]] = ["main": ["/bin/sleep", "100000"]]

        init(_ name: String) { self.name = name }
    }

    /// A pod that was made.
    struct Made: Decodable {
        var sandbox: String
        var containers: [String: String]
        var addresses: [String]
    }

    private struct Started: Decodable { var socket: String }
    private struct Answer<Value: Decodable>: Decodable {
        var ok: Value?
        var error: String?
    }
    private struct Nothing: Decodable {}
    private struct Command: Encodable {
        var `do`: String
        var sandbox: String?
        var ended: [String]?
        var orders: [Order]?
    }

    /// Where the runtime answers.
    let socket: String
    /// The namespace of the bridge.
    let namespace: TestNamespace
    private let directory: TemporaryDirectory
    private let process: Process
    private let orders: FileHandle
    private let answers: FileHandle

    /// Which containerd it is.
    enum Version: Sendable {
        /// The one of Debian 12, 1.6.
        case old
        /// The one of Debian 13, 1.7, which streams events.
        case new

        /// Those that are here.
        static let all: [Version] = [.old] + ((try? TestTools.newerContainerd()) == nil ? [] : [.new])
    }

    /// Starts the runtime.
    ///
    /// - Parameter isInNodesNetwork: whether it is in the network namespace of the tests, the node's; for pods on the host's network only,
    ///   since a bridge would be made there for others.
    init(_ version: Version = .old, isInNodesNetwork: Bool = false) throws {
        let namespace = try TestNamespace()
        let directory = try TemporaryDirectory()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Node/node.py")
        let tools = try TestTools.folder()
        _ = try TestTools.program("containerd")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            (isInNodesNetwork ? [] : ["nsenter", "--net=\(namespace.path)"])
            + [try TestTools.python(), script.path(), directory.path + "/node", tools]
            + (version == .new ? [try TestTools.newerContainerd()] : [])
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let answers = output.fileHandleForReading
        let socket = try Self.answer(from: answers, as: Started.self).socket
        self.namespace = namespace
        self.directory = directory
        self.process = process
        self.answers = answers
        self.socket = socket
        orders = input.fileHandleForWriting
    }

    /// Makes a pod.
    func run(_ order: Order) throws -> Made { try ask(order) }

    /// Makes several pods at the same time.
    func run(_ pods: [Order]) throws -> [Made] { try ask(Command(do: "many", orders: pods)) }

    /// Stops and removes a pod.
    ///
    /// - Parameter isEnding: whether its containers end by themselves, and are waited for.
    func remove(_ pod: Made, isEnding: Bool = false) throws {
        let ended = isEnding ? Array(pod.containers.values) : nil
        let _: Nothing? = try ask(Command(do: "remove", sandbox: pod.sandbox, ended: ended))
    }

    /// Gives the lowest addresses that are free to the next pods.
    func forgetAddresses() throws { let _: Nothing? = try ask(Command(do: "forget")) }

    /// Kills the runtime; its pods live on.
    func kill() throws { let _: Nothing? = try ask(Command(do: "kill")) }

    /// Starts the runtime again.
    func start() throws { let _: Nothing? = try ask(Command(do: "start")) }

    private func ask<Answer: Decodable>(_ order: some Encodable) throws -> Answer {
        try orders.write(contentsOf: try JSONEncoder().encode(order) + Data("\n".utf8))
        return try Self.answer(from: answers, as: Answer.self)
    }

    private static func answer<Value: Decodable>(from handle: FileHandle, as type: Value.Type) throws -> Value {
        var line = Data()
        while let byte = try handle.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8) { line += byte }
        let answer = try JSONDecoder().decode(Answer<Value>.self, from: line)
        if let error = answer.error { throw CommandError(command: ["node.py"], status: 1, errors: error) }
        if let value = answer.ok { return value }
        return try JSONDecoder().decode(Value.self, from: Data("null".utf8))
    }

    deinit {
        // At the end of its orders it removes the pods and ends the runtime.
        try? orders.close()
        process.waitUntilExit()
    }
}
