// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A directory of a test's own, removed with its content when the value goes.
public struct TemporaryDirectory: ~Copyable, Sendable {
    /// Its path.
    public let path: String

    /// Makes an empty directory.
    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "skoop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path()
    }

    /// Writes a file, making the directories on the way.
    ///
    /// - Parameter name: a path relative to the directory.
    public borrowing func write(_ content: String, to name: String) throws { try write(Array(content.utf8), to: name) }

    /// Writes bytes to a file, making the directories on the way.
    public borrowing func write(_ content: [UInt8], to name: String) throws {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
    }

    /// Makes a symbolic link to any text, making the directories on the way.
    public borrowing func link(_ name: String, to target: String) throws {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path(), withDestinationPath: target)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
