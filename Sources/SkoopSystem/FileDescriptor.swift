// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An open file, closed when the value goes.
///
/// Reading does not move a shared position where `pread` is used, so that one descriptor may be read by several
/// threads. An open file below `/proc/<pid>/net` keeps that network namespace alive: do not hold one longer than a read.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number; valid as long as the value lives.
    public let rawValue: CInt

    /// Takes ownership of an open descriptor.
    public init(owning rawValue: CInt) { self.rawValue = rawValue }

    /// Opens a file read-only and close-on-exec.
    ///
    /// - Parameters:
    ///   - path: the path; a relative one starts at the working directory.
    ///   - flags: further flags of `open(2)`, for example `O_DIRECTORY` or `O_PATH`.
    public init(open path: String, flags: CInt = 0) throws(SystemError) {
        rawValue = try Self.retrying("open", path) { Glibc.open(path, O_RDONLY | O_CLOEXEC | flags) }
    }

    /// Opens a file below a directory, read-only and close-on-exec.
    ///
    /// - Parameters:
    ///   - path: a path relative to `directory`.
    ///   - directory: an open directory; `O_PATH` suffices.
    ///   - flags: further flags of `open(2)`.
    public init(open path: String, in directory: borrowing FileDescriptor, flags: CInt = 0) throws(SystemError) {
        let start = directory.rawValue
        rawValue = try Self.retrying("open", path) { openat(start, path, O_RDONLY | O_CLOEXEC | flags) }
    }

    /// Opens a socket in the calling thread's network namespace, close-on-exec.
    ///
    /// - Parameters:
    ///   - family: the address family, for example `AF_INET`.
    ///   - type: for example `SOCK_DGRAM`; flags may be added.
    ///   - protocol: the number of the protocol in the family; 0 for the type's default.
    ///   - subject: what the socket is for, for the error.
    public init(
        socket family: CInt, _ type: CInt, protocol: CInt = 0, subject: String = ""
    ) throws(SystemError) {
        rawValue = try Self.retrying("socket", subject) {
            socket(family, type | CInt(SOCK_CLOEXEC.rawValue), `protocol`)
        }
    }

    deinit { close(rawValue) }

    /// Gives the descriptor away; the caller closes it.
    public consuming func release() -> CInt {
        let value = rawValue
        discard self
        return value
    }

    /// Reads at the current position; returns how many bytes, 0 at the end.
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let descriptor = rawValue
        return try Self.retrying("read") { unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }

    /// Reads at `offset` and leaves the position as it is; returns how many bytes, 0 at the end.
    public borrowing func pread(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        let descriptor = rawValue
        return try Self.retrying("pread") { unsafe Glibc.pread(descriptor, buffer.baseAddress, buffer.count, offset) }
    }

    /// Repeats a call that a signal interrupted; throws what it reports otherwise.
    static func retrying<Result: FixedWidthInteger & SignedInteger>(
        _ call: String, _ subject: String = "", _ body: () -> Result
    ) throws(SystemError) -> Result {
        while true {
            let result = body()
            if result >= 0 { return result }
            let number = errno
            guard number == EINTR else { throw SystemError(call, subject, errno: number) }
        }
    }
}
