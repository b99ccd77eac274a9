// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A file that was read as a whole.
struct WholeFile {
    /// A file of evidence that is larger was not written by a monitor.
    static let largest = 1 << 30

    var bytes: [UInt8]
    /// When it was written last, in nanoseconds since 1970.
    var changed: UInt64

    /// Reads a file; `-` is standard input.
    init(_ path: String) throws(EvidenceError) {
        do throws(SystemError) {
            let (bytes, changed) = try FileContent.read(path == "-" ? "/dev/stdin" : path, atMost: Self.largest)
            self.bytes = bytes
            self.changed = changed
        } catch {
            throw EvidenceError(path, error.description)
        }
    }
}
