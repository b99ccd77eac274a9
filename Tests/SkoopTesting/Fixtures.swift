// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Kernel state kept in `Tests/Fixtures` for tests to read in place of a live system.
public enum Fixtures {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    /// The path of a fixture, for example `ipvs/proc`.
    public static func path(_ name: String) -> String { directory.appending(path: name).path() }

    /// The content of a fixture's file.
    public static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: directory.appending(path: name)))
    }

    /// The content of a fixture's file as text.
    public static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
}
