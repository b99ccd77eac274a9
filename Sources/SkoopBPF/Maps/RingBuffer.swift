// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// The reading end of a ring buffer map (`BPF_MAP_TYPE_RINGBUF`, 5.8): records in the order in which they were submitted.
///
/// One thread reads at a time; the compiler sees to it. What a program could not submit because the buffer was full is
/// known to the program alone, which should count it.
@safe
public struct RingBuffer: ~Copyable, @unchecked Sendable {
    /// Where the current reader's closure is while libbpf calls back; libbpf fixes callback and context for life.
    private struct Cell {
        var body: ((RawSpan) -> Void)?
        /// How many records more the reader wants.
        var rest = 0
    }

    private let ring: OpaquePointer
    private let cell: UnsafeMutablePointer<Cell>
    private let map: CInt
    /// What messages call the ring buffer.
    public let name: String

    init(_ map: MapDescriptor) throws(BPFError) {
        try map.info.checkRingBuffer()
        // libbpf's epoll set would lose the map with the object's own descriptor.
        let descriptor = try duplicate(map.fileDescriptor, of: map.info.name)
        let cell = UnsafeMutablePointer<Cell>.allocate(capacity: 1)
        unsafe cell.initialize(to: Cell())
        let created = unsafe collectingWarnings {
            unsafe ring_buffer__new(
                descriptor,
                { context, data, size in
                    guard let cell = unsafe context?.assumingMemoryBound(to: Cell.self), let data = unsafe data else {
                        return 0
                    }
                    unsafe cell.pointee.body?(RawSpan(_unsafeStart: data, byteCount: size))
                    unsafe cell.pointee.rest -= 1
                    // libbpf takes the record for read all the same.
                    return unsafe cell.pointee.rest > 0 ? 0 : -ECANCELED
                }, cell, nil)
        }
        guard let ring = unsafe created.result else {
            unsafe cell.deinitialize(count: 1)
            unsafe cell.deallocate()
            close(descriptor)
            throw unsafe BPFError(.ringBuffer, errno: created.errno, subject: map.info.name, "cannot be read")
        }
        unsafe self.ring = unsafe ring
        unsafe self.cell = unsafe cell
        self.map = descriptor
        name = map.info.name
    }

    deinit {
        unsafe ring_buffer__free(ring)
        unsafe cell.deinitialize(count: 1)
        unsafe cell.deallocate()
        close(map)
    }

    /// Hands every record that is there to `body`, without copying, and gives how many there were.
    ///
    /// A record's place is free for programs again when `body` returns.
    ///
    /// - Parameters:
    ///   - limit: the most records; without one `body` may be called for ever while programs write faster than it reads.
    ///   - body: gets each record.
    @discardableResult
    public mutating func drain(atMost limit: Int = .max, _ body: (RawSpan) -> Void) throws(BPFError) -> Int {
        guard limit > 0 else { return 0 }
        let (code, rest) = withoutActuallyEscaping(body) { body in
            unsafe cell.pointee.body = body
            unsafe cell.pointee.rest = limit
            defer { unsafe cell.pointee.body = nil }
            let code = unsafe ring_buffer__consume(ring)
            return unsafe (code, cell.pointee.rest)
        }
        guard code >= 0 || rest == 0 else {
            throw BPFError(.ringBuffer, errno: -code, subject: name, "cannot be read")
        }
        return limit - rest
    }

    /// Waits until there is a record, at most for `duration`, and says whether there is one. A signal ends the wait.
    public mutating func wait(upTo duration: Duration) throws(BPFError) -> Bool {
        let (seconds, attoseconds) = duration.components
        let milliseconds = max(0, seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        var request = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
        let ready = unsafe poll(&request, 1, CInt(clamping: milliseconds))
        guard ready >= 0 || errno == EINTR else {
            throw BPFError(.ringBuffer, errno: errno, subject: name, "cannot be waited for")
        }
        return ready > 0
    }

    /// A descriptor that is readable while there are records: for a program's own event loop.
    public var fileDescriptor: CInt { unsafe ring_buffer__epoll_fd(ring) }
}

extension RawSpan {
    /// The bytes from `offset` on as a value; nil if there are too few.
    ///
    /// For types of which every bit pattern is valid: integers, floating-point numbers and the structures of them that
    /// C headers declare; not `Bool`, not Swift enumerations. The bytes need no alignment.
    public func load<Value: BitwiseCopyable>(as type: Value.Type, at offset: Int = 0) -> Value? {
        guard offset >= 0, byteCount - offset >= MemoryLayout<Value>.size else { return nil }
        return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    }
}
