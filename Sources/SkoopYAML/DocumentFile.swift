// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// Reads the text of a document from a file.
package enum DocumentFile {
    /// The whole text; a device or a pipe without end is an error, as is a file that is longer than a document may be.
    package static func text(_ path: String) throws(DocumentError) -> String {
        do throws(SystemError) {
            return String(
                decoding: try FileContent.read(path, atMost: YAMLDocument.Limits().bytes).bytes, as: UTF8.self)
        } catch {
            throw DocumentError(file: path, "cannot be read, a readable file is needed: \(error)")
        }
    }
}
