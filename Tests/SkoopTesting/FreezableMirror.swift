// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A mirror of a directory that can be frozen: whoever reads below it then waits until it thaws; needs root.
///
/// It is a file system in user space (`bindfs`), and frozen is that process.
public struct FreezableMirror: ~Copyable {
    /// Where the mirror is mounted.
    public var path: String { directory.path }

    private let directory: TemporaryDirectory
    private let process: TestProcess

    /// Mirrors a directory.
    ///
    /// - Parameter witness: a file below it, by which to see that the mirror is there.
    public init(of source: String, witness: String) throws {
        let directory = try TemporaryDirectory()
        // Files of `/proc` have no size; only without the page cache are they read all the same.
        let process = try TestProcess("bindfs", "-f", "-o", "direct_io", "--no-allow-other", source, directory.path)
        let file = directory.path + "/" + witness
        guard eventually({ FileManager.default.fileExists(atPath: file) }) else {
            throw CommandError(command: ["bindfs", source], status: -1, errors: "no mirror at \(directory.path)")
        }
        self.directory = directory
        self.process = process
    }

    /// Lets all reading hang.
    public func freeze() { kill(process.pid, SIGSTOP) }

    /// Lets it go on.
    public func thaw() { kill(process.pid, SIGCONT) }

    deinit {
        thaw()
        _ = try? SkoopTesting.run("umount", "--lazy", directory.path)
    }
}
