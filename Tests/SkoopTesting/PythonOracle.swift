// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Runs a script with the Python packages that `scripts/test-tools.sh` installs.
public struct PythonOracle: Sendable {
    private let script: String

    /// A script in the folder `Oracles` beside the calling test.
    public init(_ name: String, file: String = #filePath) {
        script = URL(filePath: file).deletingLastPathComponent().appending(path: "Oracles/\(name)").path()
    }

    /// What the script prints, given a file of `input` as its last argument.
    ///
    /// - Throws: `CommandError` when it fails, ``TestTools/Missing`` when the packages are not installed.
    public func run(_ arguments: String..., input: [UInt8]) throws -> String {
        let python = try TestTools.python()
        let directory = try TemporaryDirectory()
        try directory.write(input, to: "input")
        let words = [python, script] + arguments + [URL(filePath: directory.path).appending(path: "input").path()]
        return try SkoopTesting.run(words)
    }
}
