// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A network namespace of a test's own, mounted under `/run/netns`, deleted when the value goes.
///
/// Its loopback device is up. What a killed test run left behind is deleted before the first one is made.
public struct TestNamespace: ~Copyable, Sendable {
    /// The mount name, unique on this host: `skoop-test-<pid>-<number>`.
    public let name: String
    /// The inode number.
    public let inode: UInt64

    /// The mount, a file that `setns` takes.
    public var path: String { "/run/netns/" + name }

    private static let counter = Atomic<Int>(0)
    private static let prefix = "skoop-test-"
    private static let firstSweep: Void = sweepLeftovers()

    /// Deletes the namespaces of test runs whose process is gone.
    public static func sweepLeftovers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? [] {
            guard name.hasPrefix(prefix), let owner = Int32(name.dropFirst(prefix.count).prefix { $0 != "-" }),
                kill(owner, 0) != 0, errno == ESRCH
            else { continue }
            // Another run may be sweeping too, and be first.
            _ = try? SkoopTesting.run("ip", "netns", "del", name)
        }
    }

    /// Makes a namespace; needs root.
    public init() throws {
        Self.firstSweep
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        let name = "\(Self.prefix)\(getpid())-\(number)"
        try SkoopTesting.run("ip", "netns", "add", name)
        var status = stat()
        guard stat("/run/netns/" + name, &status) == 0 else {
            throw CommandError(command: ["stat", name], status: errno, errors: "no mount")
        }
        try SkoopTesting.run("ip", "-n", name, "link", "set", "lo", "up")
        self.name = name
        inode = UInt64(status.st_ino)
    }

    /// Runs a program in the namespace and returns its output.
    @discardableResult
    public borrowing func run(_ command: String..., input: String = "") throws -> String {
        try SkoopTesting.run(["ip", "netns", "exec", name] + command, input: input)
    }

    /// Starts a program in the namespace and returns when it lives there.
    public borrowing func start(_ command: String...) throws -> TestProcess {
        let process = try TestProcess(["ip", "netns", "exec", name] + command)
        let (door, link) = ("/proc/\(process.pid)/ns/net", "net:[\(inode)]")
        guard eventually({ (try? FileManager.default.destinationOfSymbolicLink(atPath: door)) == link }) else {
            throw CommandError(command: command, status: -1, errors: "did not enter \(name)")
        }
        return process
    }

    /// Runs a Python program in the namespace, returns when it has come to its end, and keeps it alive with what it holds.
    public borrowing func hold(python program: String) throws -> TestProcess {
        let ready = FileManager.default.temporaryDirectory.appending(path: "skoop-ready-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: ready) }
        let process = try start(
            "python3", "-c", program + "\nimport sys, time\nopen(sys.argv[1], 'w'); time.sleep(1000)", ready)
        guard eventually({ FileManager.default.fileExists(atPath: ready) }) else {
            throw CommandError(command: ["python3", "-c", program], status: -1, errors: "did not come to its end")
        }
        return process
    }

    deinit { _ = try? SkoopTesting.run("ip", "netns", "del", name) }
}
