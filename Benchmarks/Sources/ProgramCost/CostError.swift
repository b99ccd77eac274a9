// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why nothing can be measured.
public struct CostError: Error, CustomStringConvertible {
    /// What was wrong, and what the kernel says.
    public let description: String

    /// Makes an error of a message and the kernel's error number, where there is one.
    public init(_ message: String, errno: CInt = 0) {
        description = errno == 0 ? message : "\(message): \(String(cString: strerror(errno)))"
    }
}
