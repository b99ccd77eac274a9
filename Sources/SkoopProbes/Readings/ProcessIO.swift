// SPDX-License-Identifier: Apache-2.0

/// I/O accounting of one process, all its threads and what it inherited from children it waited for: `/proc/<pid>/io`.
public struct ProcessIO: Sendable, Hashable {
    /// Process identifier in the initial pid namespace.
    public var pid: Int32
    /// Start time in clock ticks since boot.
    public var startTime: UInt64
    /// `syscr`: read system calls.
    public var readCalls: UInt64
    /// `syscw`: write system calls.
    public var writeCalls: UInt64
    /// `read_bytes`: bytes fetched from storage.
    public var readBytes: UInt64
    /// `write_bytes`: bytes sent to storage.
    public var writtenBytes: UInt64

    /// Makes a reading.
    public init(
        pid: Int32, startTime: UInt64, readCalls: UInt64, writeCalls: UInt64, readBytes: UInt64, writtenBytes: UInt64
    ) {
        self.pid = pid
        self.startTime = startTime
        self.readCalls = readCalls
        self.writeCalls = writeCalls
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }
}
