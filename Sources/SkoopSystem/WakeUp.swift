// SPDX-License-Identifier: Apache-2.0
internal import CSkoopSystem
import Glibc

/// A descriptor that one thread makes readable for another that waits for several (a pipe).
public struct WakeUp: ~Copyable, Sendable {
    private let reader: FileDescriptor
    private let writer: FileDescriptor

    /// Makes one that is not readable yet.
    public init() throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        _ = try FileDescriptor.retrying("pipe2") { pipe2(&ends, O_CLOEXEC | O_NONBLOCK) }
        reader = FileDescriptor(owning: ends[0])
        writer = FileDescriptor(owning: ends[1])
    }

    /// Readable after ``call()``; valid as long as the value lives.
    public var fileDescriptor: CInt { reader.rawValue }

    /// Makes the descriptor readable.
    public func call() {
        var byte: UInt8 = 1
        // A full pipe is readable all the same.
        _ = unsafe write(writer.rawValue, &byte, 1)
    }

    /// Makes the descriptor unreadable until the next call.
    public func clear() {
        var buffer = [UInt8](repeating: 0, count: 64)
        while unsafe buffer.withUnsafeMutableBytes({ unsafe read(reader.rawValue, $0.baseAddress, $0.count) }) > 0 {}
    }
}
