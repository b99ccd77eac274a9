// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Files of this repository that tests compare with.
enum Fixture {
    /// The lines of a file in `Fixtures/`, split at blanks.
    static func rows(_ name: String) throws -> [[String]] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: " ").map(String.init)
        }
    }

    /// A file of the repository.
    static func repository(_ path: String) -> URL {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.appending(path: path)
    }
}
