// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Compares what a test made with a file that people have looked at.
public struct Golden: Sendable {
    /// The folder of the files.
    public let folder: URL

    /// The folder `Golden` beside the calling test.
    public init(file: String = #filePath) {
        folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden")
    }

    /// The first difference between a golden file and what was made.
    public struct Mismatch: Error, CustomStringConvertible {
        /// The file, the line and both contents of it.
        public let description: String
    }

    /// Throws where `text` is not what the file `name` holds. With `SKOOP_UPDATE_GOLDEN=1` the file is written instead.
    public func check(_ text: String, against name: String) throws {
        let url = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["SKOOP_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
            return
        }
        let expected = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        guard text != expected else { return }
        let made = text.split(separator: "\n", omittingEmptySubsequences: false)
        let golden = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(made, golden).enumerated().first { $1.0 != $1.1 }?.offset ?? min(made.count, golden.count)
        throw Mismatch(
            description: """
                \(name):\(line + 1) differs; SKOOP_UPDATE_GOLDEN=1 rewrites it
                golden: \(line < golden.count ? golden[line] : "end of file")
                made:   \(line < made.count ? made[line] : "end of text")
                """)
    }
}
