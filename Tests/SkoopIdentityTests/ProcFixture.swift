// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting

/// A `/proc` of a test's own.
struct ProcFixture: ~Copyable {
    private let directory: TemporaryDirectory

    var path: String { directory.path }

    init() throws {
        let directory = try TemporaryDirectory()
        try directory.write("1 2", to: "loadavg")
        try directory.write("", to: "12x/stat")
        try directory.link("self", to: "1")
        self.directory = directory
    }

    /// Writes a process; what is `nil` is not written.
    func process(
        _ pid: Int, start: UInt64? = 100, namespace: UInt64? = 4_026_531_833, comm: String = "sleep",
        cgroup: String? = "0::/"
    ) throws {
        if let start {
            let before = "S 1 1 1 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0"
            try directory.write(
                "\(pid) (\(comm)) \(before) \(start) 8192 9 18446744073709551615 1\n", to: "\(pid)/stat")
        }
        if let namespace { try directory.link("\(pid)/ns/net", to: "net:[\(namespace)]") }
        if let cgroup { try directory.write(cgroup + "\n", to: "\(pid)/cgroup") }
        if namespace == nil { try directory.write("", to: "\(pid)/task/\(pid)/comm") }
    }

    /// Writes a further thread of a process.
    func thread(_ thread: Int, of pid: Int, namespace: UInt64) throws {
        try directory.link("\(pid)/task/\(thread)/ns/net", to: "net:[\(namespace)]")
    }

    func write(_ content: String, to name: String) throws { try directory.write(content, to: name) }

    func link(_ name: String, to target: String) throws { try directory.link(name, to: target) }

    /// Removes a file or a directory with what is in it.
    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    /// Puts another process in the place of one, as when its number is used again.
    func replace(_ pid: Int, by other: Int) throws {
        // Renaming gives the place another inode for sure, making it anew need not.
        try FileManager.default.moveItem(atPath: "\(path)/\(pid)", toPath: "\(path)/gone-\(pid)")
        try FileManager.default.moveItem(atPath: "\(path)/\(other)", toPath: "\(path)/\(pid)")
    }
}
