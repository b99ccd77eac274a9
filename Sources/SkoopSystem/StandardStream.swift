// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Standard output and standard error, written to without a buffer and from any thread.
public enum StandardStream: CInt, Sendable {
    /// Standard output.
    case output = 1
    /// Standard error.
    case error = 2

    /// Writes all bytes.
    ///
    /// - Throws: when the reader has gone (`EPIPE`) or the file system is full.
    public func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let descriptor = rawValue
            let written = try FileDescriptor.retrying("write") {
                unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(written)
        }
    }

    /// Writes a line; where nobody reads it, it is lost.
    public func writeLine(_ line: String) { try? write(Array("\(line)\n".utf8)[...]) }
}
