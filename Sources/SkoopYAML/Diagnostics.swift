// SPDX-License-Identifier: Apache-2.0

/// Collects what is wrong while a document is read, so that one start tells everything.
package final class Diagnostics {
    package let file: String
    /// Added to line numbers, for a document inside another one.
    package var lineOffset = 0
    package private(set) var errors: [DocumentError] = []
    /// Where the values of keys were found.
    package private(set) var lines: [String: Int] = [:]

    package init(file: String) { self.file = file }

    package func error(_ message: String, key: String = "", line: Int) {
        errors.append(DocumentError(file: file, line: line + lineOffset, key: key, message))
    }

    package func found(_ key: String, line: Int) { lines[key] = line + lineOffset }

    package func check() throws(DocumentErrors) {
        guard errors.isEmpty else { throw DocumentErrors(errors.sorted { $0.line < $1.line }) }
    }
}
