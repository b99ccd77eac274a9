// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A program that ended with an error.
public struct CommandError: Error, CustomStringConvertible {
    /// The program and its arguments.
    public var command: [String]
    /// Its exit status.
    public var status: Int32
    /// What it wrote to standard error.
    public var errors: String

    /// Makes an error.
    public init(command: [String], status: Int32, errors: String) {
        self.command = command
        self.status = status
        self.errors = errors
    }

    /// One line.
    public var description: String {
        "`\(command.joined(separator: " "))` ended with \(status): \(errors.trimmingCharacters(in: .whitespacesAndNewlines))"
    }
}

/// Runs a program found by `PATH` and waits for it.
///
/// - Parameter input: what it reads from standard input.
/// - Returns: what it wrote to standard output.
/// - Throws: ``CommandError`` when it cannot be started or does not exit with 0.
@discardableResult
public func run(_ command: String..., input: String = "") throws -> String { try run(command, input: input) }

/// Runs a program, its words in an array.
@discardableResult
public func run(_ command: [String], input: String = "") throws -> String {
    let directory = FileManager.default.temporaryDirectory
    // Files, not pipes: no pipe buffer can fill and block either side.
    let files = try ["in", "out", "err"].map { suffix in
        let url = directory.appending(path: "skoop-\(UUID().uuidString).\(suffix)")
        try Data((suffix == "in" ? input : "").utf8).write(to: url)
        return url
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        let errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
        throw CommandError(command: command, status: process.terminationStatus, errors: errors)
    }
    return String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
}
