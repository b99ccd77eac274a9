// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// Reading and writing a map with one value per entry: what `BPFMap` and `BPFMapHandle` have in common.
///
/// Every call is one system call, unless it says otherwise, and may be made from several threads at once.
public protocol BPFMapAccess<Key, Value>: ~Copyable, ~Escapable {
    /// The type of the keys.
    associatedtype Key: BitwiseCopyable
    /// The type of the values.
    associatedtype Value: BitwiseCopyable

    /// What the map is.
    var info: BPFMapInfo { get }
    /// The map's file descriptor, which this value or its owner closes.
    var fileDescriptor: CInt { get }
}

/// What `BPFMapAccess.set` does with an entry that is there, or is not.
public enum BPFMapUpdate: UInt64, Sendable {
    /// Adds or replaces.
    case any = 0
    /// Adds; an entry that is there is an `EEXIST` error.
    case add = 1
    /// Replaces; an entry that is missing is an `ENOENT` error.
    case replace = 2
}

extension BPFMapAccess where Self: ~Copyable & ~Escapable {
    var descriptor: MapDescriptor { MapDescriptor(fileDescriptor: fileDescriptor, info: info) }

    /// The value of `key`, nil if there is none.
    public func value(for key: Key) throws(BPFError) -> Value? {
        var key = key
        return try unsafe withTemporary(Value.self) { value throws(BPFError) in
            let result = unsafe bpf_map_lookup_elem(fileDescriptor, &key, value)
            if result == -ENOENT { return nil }
            guard result == 0 else { throw descriptor.error("cannot look a key up", result) }
            return unsafe value.pointee
        }
    }

    /// Sets the value of `key`.
    public func set(_ value: Value, for key: Key, _ update: BPFMapUpdate = .any) throws(BPFError) {
        var key = key
        var value = value
        let result = unsafe bpf_map_update_elem(fileDescriptor, &key, &value, update.rawValue)
        guard result == 0 else { throw descriptor.error("cannot set a value", result) }
    }

    /// Removes the entry of `key`, and says whether there was one. Entries of an array cannot be removed.
    @discardableResult
    public func remove(_ key: Key) throws(BPFError) -> Bool {
        try removeKey(descriptor, key)
    }

    /// Calls `body` with every key.
    ///
    /// Programs may change a hash meanwhile: what is added or removed during the walk may or may not be seen, and a key
    /// may be seen twice. The walk ends in any case.
    public func forEachKey(_ body: (Key) throws(BPFError) -> Void) throws(BPFError) {
        try forEachRawKey(descriptor, as: Key.self, body)
    }
}

func removeKey<Key: BitwiseCopyable>(_ map: MapDescriptor, _ key: Key) throws(BPFError) -> Bool {
    var key = key
    let result = unsafe bpf_map_delete_elem(map.fileDescriptor, &key)
    if result == -ENOENT { return false }
    guard result == 0 else { throw map.error("cannot remove a key", result) }
    return true
}

/// Walks the keys of a map of any kind.
func forEachRawKey<Key: BitwiseCopyable>(
    _ map: MapDescriptor, as type: Key.Type, _ body: (Key) throws(BPFError) -> Void
) throws(BPFError) {
    try unsafe withTemporary(Key.self) { next throws(BPFError) in
        var result = unsafe bpf_map_get_next_key(map.fileDescriptor, nil, next)
        // A key removed meanwhile sends the kernel back to the first one: without a bound that may go on for ever.
        var left = 2 * map.info.maxEntries
        while result == 0, left > 0 {
            var key = unsafe next.pointee
            try body(key)
            result = unsafe bpf_map_get_next_key(map.fileDescriptor, &key, next)
            left -= 1
        }
        guard result == 0 || result == -ENOENT else { throw map.error("cannot walk the keys", result) }
    }
}

/// Zeroed room for one value that the kernel writes.
func withTemporary<Value: BitwiseCopyable, Result>(
    _ type: Value.Type, _ body: (UnsafeMutablePointer<Value>) throws(BPFError) -> Result
) throws(BPFError) -> Result {
    let outcome = unsafe withUnsafeTemporaryAllocation(
        byteCount: MemoryLayout<Value>.stride, alignment: max(MemoryLayout<Value>.alignment, 8)
    ) { room -> Swift.Result<Result, BPFError> in
        unsafe room.initializeMemory(as: UInt8.self, repeating: 0)
        guard let base = room.baseAddress else {
            return .failure(BPFError(.type, subject: "\(Value.self)", "an empty type has no value"))
        }
        do throws(BPFError) {
            return .success(unsafe try body(base.assumingMemoryBound(to: Value.self)))
        } catch {
            return .failure(error)
        }
    }
    return try outcome.get()
}
