// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopTesting
import Testing

/// Two namespaces of a test's own between which traffic of every kind has passed.
struct TrafficNetwork: ~Copyable {
    let left: TestNamespace
    let right: TestNamespace

    /// Runs the traffic; fails where the kernel does not count what a step of it is for.
    static func make() throws -> TrafficNetwork {
        let network = TrafficNetwork(left: try TestNamespace(), right: try TestNamespace())
        try run(command("traffic.py", network))
        return network
    }

    /// Both, the left one as the entity 1, the right one as 2.
    func census() throws -> Census {
        try .live([NetworkNamespace(mountOf: left), NetworkNamespace(mountOf: right)])
    }

    /// Opens TCP sockets in every state, which live as long as the value.
    func holdSockets() throws -> TestProcess { try .holding { Self.command("hold.py", self) + [$0] } }

    private static func command(_ script: String, _ network: borrowing TrafficNetwork) -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Traffic")
        // -B: no byte code is left in the checkout
        return ["python3", "-B", folder.appending(path: script).path(), network.left.path, network.right.path]
    }
}

extension TestProcess {
    /// Starts a program and returns when it has made the file that is named to it.
    static func holding(_ command: (_ ready: String) -> [String]) throws -> TestProcess {
        let directory = try TemporaryDirectory()
        let ready = URL(filePath: directory.path).appending(path: "ready").path()
        try directory.write("", to: "errors")
        let errors = URL(filePath: directory.path).appending(path: "errors")
        let process = try TestProcess(command(ready), errors: try FileHandle(forWritingTo: errors))
        func isReady() -> Bool { FileManager.default.fileExists(atPath: ready) }
        _ = eventually(within: 600) { isReady() || !process.isRunning }
        let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        try #require(isReady(), "\(command(ready)) did not get ready: \(said)")
        return process
    }
}
