// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What `scripts/test-tools.sh` has installed below its cache.
public enum TestTools {
    /// A program or an interpreter of the tests is not there.
    public struct Missing: Error, CustomStringConvertible {
        /// Where it should be.
        public var path: String
        /// What to do.
        public var description: String { "\(path) is missing: run scripts/test-tools.sh" }
    }

    /// A program of a Debian package that is unpacked and not installed.
    public static func program(_ name: String) throws -> String { try file("tools/usr/bin/" + name) }

    /// The Python interpreter that has the packages of the tests.
    public static func python() throws -> String { try file("venv/bin/python3") }

    /// A log store that takes Loki's push requests and OTLP; `scripts/test-receivers.sh` builds it.
    public static func victoriaLogs() throws -> String { try file("receivers/victoria-logs") }

    /// A program of Kubernetes; `scripts/build-cluster.sh` builds them.
    public static func clusterProgram(_ name: String) throws -> String { try file("cluster/" + name) }

    /// The folder of the containerd of Debian 13, 1.7, which streams events; not to be had where its packages are not.
    public static func newerContainerd() throws -> String {
        _ = try file("containerd-1.7/usr/bin/containerd")
        return try file("containerd-1.7/usr/bin")
    }

    /// Where Debian packages are unpacked: the folder that has their `usr`.
    public static func folder() throws -> String { try file("tools") }

    private static func file(_ name: String) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let path = (environment["SKOOP_CACHE"] ?? (environment["HOME"] ?? "/root") + "/.cache/skoop") + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(path: path) }
        return path
    }
}
