// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Synchronization

/// A Python program of `Oracles` that runs beside a test and prints lines.
final class Follower {
    private let process = Process()
    private let output: URL

    init(_ script: String, _ arguments: [String], file: String = #filePath) throws {
        let path = URL(filePath: file).deletingLastPathComponent().appending(path: "Oracles/\(script)").path()
        output = FileManager.default.temporaryDirectory.appending(path: "skoop-follower-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: output.path(), contents: nil)
        process.executableURL = URL(filePath: try TestTools.python())
        process.arguments = [path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
    }

    /// The whole lines so far.
    var lines: [String] {
        let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n").dropLast()
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: output)
    }
}
