// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Memory that whole files are read into, one after the other, without allocating once it has grown enough.
///
/// Meant for files below `/proc` and `/sys`, whose size is not known before they have been read. A value is owned by one
/// thread; what ``bytes`` gives is valid until the next read.
public struct FileBuffer: ~Copyable, Sendable {
    private var storage: [UInt8]
    private var count = 0

    /// Makes an empty buffer.
    ///
    /// - Parameter capacity: what to reserve at first, in bytes; it doubles whenever a file does not fit.
    public init(capacity: Int = 16 << 10) {
        storage = [UInt8](repeating: 0, count: max(capacity, 64))
    }

    /// What was read last.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { storage.span.extracting(first: count) }
    }

    /// Reads a whole file.
    public mutating func read(_ path: String) throws(SystemError) {
        count = 0
        let file = try FileDescriptor(open: path)
        do { try read(file) } catch { throw SystemError(error.call, path, errno: error.errno) }
    }

    /// Reads a whole file below a directory.
    public mutating func read(_ path: String, in directory: borrowing FileDescriptor) throws(SystemError) {
        count = 0
        let file = try FileDescriptor(open: path, in: directory)
        do { try read(file) } catch { throw SystemError(error.call, path, errno: error.errno) }
    }

    /// Reads a whole file from its beginning by `pread`, so that a descriptor kept open gives its content anew.
    public mutating func read(_ file: borrowing FileDescriptor) throws(SystemError) {
        count = 0
        while true {
            if count == storage.count { storage.append(contentsOf: repeatElement(0, count: storage.count)) }
            let read = try fill(file, from: count, at: count)
            if read == 0 { return }
            count += read
        }
    }

    /// Reads a file piece by piece and hands over each line without its newline; the buffer does not grow beyond the
    /// longest line.
    ///
    /// The descriptor's own position is not used. A last line without a newline is handed over too.
    public mutating func forEachLine(
        of file: borrowing FileDescriptor, _ body: (Span<UInt8>) -> Void
    ) throws(SystemError) {
        count = 0
        var offset = 0
        while true {
            if count == storage.count { storage.append(contentsOf: repeatElement(0, count: storage.count)) }
            let read = try fill(file, from: count, at: offset)
            if read == 0 { break }
            offset += read
            count += read
            var scanner = ByteScanner(bytes)
            while let line = scanner.terminatedLine() { body(line) }
            let consumed = scanner.position
            // What is left of an unfinished line becomes the beginning of the next piece.
            storage.withUnsafeMutableBytes { memory in
                guard consumed > 0, consumed < count, let base = memory.baseAddress else { return }
                unsafe memmove(base, base + consumed, count - consumed)
            }
            count -= consumed
        }
        if count > 0 { body(bytes) }
    }

    private mutating func fill(
        _ file: borrowing FileDescriptor, from start: Int, at offset: Int
    ) throws(SystemError) -> Int {
        // A closure that throws a typed error through `withUnsafeMutableBytes` keeps its type only as a result.
        let descriptor = file.rawValue
        return try FileDescriptor.retrying("read") {
            unsafe storage.withUnsafeMutableBytes { memory in
                unsafe pread(descriptor, memory.baseAddress.map { $0 + start }, memory.count - start, offset)
            }
        }
    }
}
