// SPDX-License-Identifier: Apache-2.0

/// Why a server gave no answer.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of hindrance.
    package enum Reason: Sendable, Hashable {
        /// No address, no connection, no TLS, or an end before the whole answer.
        case unreachable
        /// The other side's certificate is not one to trust.
        case untrusted
        /// It did not answer in time.
        case timeout
        /// The file with the credentials cannot be used.
        case credentials
        /// The files with certificates cannot be used.
        case certificates
        /// The answer is longer than anybody wants.
        case tooLarge
    }

    /// The kind of hindrance.
    package var reason: Reason
    /// One lower-case line: what was wrong, without the server.
    package var description: String

    /// Makes an error.
    package init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
