// SPDX-License-Identifier: Apache-2.0

/// Collects what is wrong while a document is read, so that one start tells everything.
package final class Diagnostics {
    package let file: String
    /// Added to line numbers, for a document inside another one.
    package var lineOffset = 0
    package private(set) var errors: [DocumentError] = []
    /// What is wrong with other documents that this one names.
    private var others: [DocumentError] = []
    /// Where the values of keys were found.
    package private(set) var lines: [String: Int] = [:]

    package init(file: String) { self.file = file }

    package func error(_ message: String, key: String = "", line: Int) {
        errors.append(DocumentError(file: file, line: line + lineOffset, key: key, message))
    }

    package func add(_ error: DocumentError) { others.append(error) }

    package func found(_ key: String, line: Int) { lines[key] = line + lineOffset }

    package func check() throws(DocumentErrors) {
        let all = errors.sorted { $0.line < $1.line } + others
        guard all.isEmpty else { throw DocumentErrors(all) }
    }
}
