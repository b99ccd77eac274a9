// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An array map in this process's memory, read-only: what programs write is here without a system call.
///
/// Programs may write while it is read. A value is then torn between old and new at most along its machine words;
/// results that must be consistent need a protocol of their own, such as reading after the program has returned.
@safe
public struct MappedArray<Value: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    private let address: UnsafeRawPointer
    private let length: Int
    /// How many values there are.
    public let count: Int

    init(_ map: MapDescriptor) throws(BPFError) {
        // The kernel lays the values out 8 bytes apart or a multiple of that (array_map_alloc).
        guard map.info.kind == .array, MemoryLayout<Value>.stride.isMultiple(of: 8) else {
            throw BPFError(
                .type, subject: map.info.name,
                "cannot be mapped, allowed: an array with values of a multiple of 8 bytes, here \(map.info.valueSize)")
        }
        let count = map.info.maxEntries
        let page = sysconf(CInt(_SC_PAGESIZE))
        let length = (count * MemoryLayout<Value>.stride + page - 1) / page * page
        let pages = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, map.fileDescriptor, 0)
        guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
            throw BPFError(
                .map, errno: errno, subject: map.info.name,
                "cannot be mapped into memory, which takes the flag BPF_F_MMAPABLE and a kernel since 5.5")
        }
        unsafe address = UnsafeRawPointer(pages)
        self.length = length
        self.count = count
    }

    /// The value at `index`, which must be below `count`.
    public subscript(index: Int) -> Value {
        precondition(index >= 0 && index < count, "index out of range")
        return unsafe address.load(fromByteOffset: index * MemoryLayout<Value>.stride, as: Value.self)
    }

    /// All values, as long as this array is borrowed.
    public var span: Span<Value> {
        @_lifetime(borrow self)
        get {
            let start = unsafe address.assumingMemoryBound(to: Value.self)
            let span = unsafe Span(_unsafeStart: start, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// All values as bytes, as long as this array is borrowed.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe RawSpan(_unsafeStart: address, byteCount: count * MemoryLayout<Value>.stride)
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }

    /// All values as one run of 64-bit words, as long as this array is borrowed; for records made of nothing else.
    ///
    /// Value n begins at word n times `MemoryLayout<Value>.stride / 8`.
    public var words: Span<UInt64> {
        @_lifetime(borrow self)
        get {
            let start = unsafe address.assumingMemoryBound(to: UInt64.self)
            let span = unsafe Span(_unsafeStart: start, count: count * MemoryLayout<Value>.stride / 8)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: address), length) }
}
