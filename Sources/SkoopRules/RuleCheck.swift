// SPDX-License-Identifier: Apache-2.0
import SkoopModel
public import SkoopYAML

/// A check of rule files: `skoop rules check`.
public struct RuleCheck: Sendable {
    /// How many rules the files have together; 0 where something is wrong.
    public var count = 0
    /// What is wrong, file by file.
    public var errors: [DocumentError] = []

    /// Checks files that are used together.
    ///
    /// - Parameter paths: the files.
    public init(_ paths: [String]) {
        do throws(DocumentErrors) { count = try RuleFile.read(paths).count } catch { errors = error.errors }
    }

    /// 0 where the rules can be used, 1 where something is wrong with one, 2 where a file cannot be read.
    public var exitStatus: Int32 { errors.contains { $0.line == 0 } ? 2 : errors.isEmpty ? 0 : 1 }

    /// One line for each error, or how many rules there are.
    public var text: String {
        errors.isEmpty
            ? "\(counted(count, "rule")) can be used\n" : errors.map { "\($0)\n" }.joined()
    }
}
