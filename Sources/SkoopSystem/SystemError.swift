// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A system call that failed.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The call, for example `open`.
    public var call: String
    /// What it was applied to, most often a path; empty where there is nothing to name.
    public var subject: String
    /// The value of `errno`.
    public var errno: Int32

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - call: the system call.
    ///   - subject: what it was applied to.
    ///   - errno: its error number.
    public init(_ call: String, _ subject: String = "", errno: Int32) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    /// Makes an error of the last call that failed on this thread.
    public init(lastOf call: String, _ subject: String = "") {
        self.init(call, subject, errno: Glibc.errno)
    }

    /// One line: `open /proc/1/io: permission denied`.
    public var description: String {
        let reason = strerrorText(errno)
        return subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }

    /// Whether the subject does not exist, or exists no more: `ENOENT`, `ESRCH`, or `ENODEV`.
    ///
    /// A process that ends between being found and being read answers with one of these.
    public var isAbsence: Bool { errno == ENOENT || errno == ESRCH || errno == ENODEV }

    /// Whether a capability or permission is missing: `EPERM` or `EACCES`.
    public var isDenial: Bool { errno == EPERM || errno == EACCES }
}

/// The C library's text for an error number, with a lower-case initial unless it is an abbreviation.
private func strerrorText(_ number: Int32) -> String {
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let base = buffer.baseAddress, unsafe strerror_r(number, base, buffer.count) == 0 else {
            return "error \(number)"
        }
        return unsafe String(cString: base)
    }
    guard let first = text.first, first.isUppercase, text.dropFirst().first?.isUppercase != true else { return text }
    return first.lowercased() + text.dropFirst()
}
