// SPDX-License-Identifier: Apache-2.0
public import SkoopEvidence
public import SkoopYAML

/// A run of files of tests: `skoop rules test`.
public struct RuleTestRun: Sendable {
    /// A file and what became of its tests.
    public struct File: Sendable {
        /// The file.
        public var path: String
        /// How many rules its evidence was judged by.
        public var rules: Int
        /// Its tests, in their order.
        public var tests: [Result<RuleTestOutcome, EvidenceError>]
        /// What is wrong with it or its rules; empty where it could be run.
        public var errors: [DocumentError]
    }

    /// The files.
    public var files: [File] = []

    /// Runs all tests of some files.
    public init(_ paths: [String]) {
        for path in paths {
            do throws(DocumentErrors) {
                let file = try RuleTestFile(path)
                files.append(
                    File(
                        path: path, rules: file.rules.count,
                        tests: file.tests.map { test in
                            Result { () throws(EvidenceError) in try RuleTestOutcome(of: test, by: file.rules) }
                        }, errors: []))
            } catch {
                files.append(File(path: path, rules: 0, tests: [], errors: error.errors))
            }
        }
    }

    private var tests: [Result<RuleTestOutcome, EvidenceError>] { files.flatMap(\.tests) }

    /// How many tests ran.
    public var count: Int { tests.count { (try? $0.get()) != nil } }
    /// How many of them did not find what was expected.
    public var failed: Int { tests.count { (try? $0.get())?.failures.isEmpty == false } }
    /// How many files or tests could not be run at all.
    public var unusable: Int { files.count { !$0.errors.isEmpty } + tests.count - count }

    /// 0 where every test passes, 1 where one fails, 2 where a file or its evidence cannot be used.
    public var exitStatus: Int32 { unusable > 0 ? 2 : failed > 0 ? 1 : 0 }
}
