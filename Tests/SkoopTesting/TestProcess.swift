// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// A program that runs beside a test and is killed when the value goes.
public struct TestProcess: ~Copyable {
    private let process: Process

    /// The process identifier.
    public var pid: Int32 { process.processIdentifier }

    /// Starts a program found by `PATH`; its output is discarded.
    public init(_ command: String...) throws { try self.init(command) }

    /// Whether it has not ended.
    public var isRunning: Bool { process.isRunning }

    /// Starts a program, its words in an array.
    ///
    /// - Parameter errors: where its complaints go; to those of the test run by default.
    public init(_ command: [String], errors: FileHandle? = nil) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        if let errors { process.standardError = errors }
        try process.run()
        self.process = process
    }

    /// Kills the program and waits for its end.
    public func kill() {
        guard process.isRunning else { return }
        Foundation.kill(pid, SIGKILL)
        process.waitUntilExit()
    }

    deinit { kill() }
}

/// Asks `condition` every 5 ms until it holds.
///
/// - Parameter seconds: when to give up; far more than it should need.
/// - Returns: whether it came to hold.
public func eventually(within seconds: Double = 120, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if try condition() { return true }
        usleep(5000)
    }
    return try condition()
}
