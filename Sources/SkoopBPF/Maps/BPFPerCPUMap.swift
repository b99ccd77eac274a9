// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// A view of a map with one value for each possible CPU: the compiler lets it not outlive the object.
public struct BPFPerCPUMap<Key: BitwiseCopyable, Value: BitwiseCopyable>: ~Escapable {
    private let map: MapDescriptor
    private let cpus: Int

    @_lifetime(borrow owner)
    init(_ map: MapDescriptor, owner: borrowing LoadedBPFObject) throws(BPFError) {
        let cpus = libbpf_num_possible_cpus()
        guard cpus > 0 else {
            throw BPFError(.map, errno: -cpus, subject: map.info.name, "cannot count the possible CPUs")
        }
        self.map = map
        self.cpus = Int(cpus)
    }

    /// What the map is.
    public var info: BPFMapInfo { map.info }
    /// The map's file descriptor, which the object closes.
    public var fileDescriptor: CInt { map.fileDescriptor }

    /// The values of `key` by number of CPU, for all possible CPUs (also those that are off); nil if there is no entry.
    public func values(for key: Key) throws(BPFError) -> [Value]? {
        var key = key
        // The kernel rounds the room of one CPU up to 8 bytes.
        let stride = (map.info.valueSize + 7) & ~7
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: stride * cpus, alignment: 8)
        defer { unsafe room.deallocate() }
        let result = unsafe bpf_map_lookup_elem(map.fileDescriptor, &key, room.baseAddress)
        if result == -ENOENT { return nil }
        guard result == 0 else { throw map.error("cannot look a key up", result) }
        return (0..<cpus).map { unsafe room.loadUnaligned(fromByteOffset: $0 * stride, as: Value.self) }
    }

    /// Sets the value of `key` on every possible CPU.
    public func setAll(_ value: Value, for key: Key, _ update: BPFMapUpdate = .any) throws(BPFError) {
        var key = key
        let stride = (map.info.valueSize + 7) & ~7
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: stride * cpus, alignment: 8)
        defer { unsafe room.deallocate() }
        unsafe room.initializeMemory(as: UInt8.self, repeating: 0)
        for cpu in 0..<cpus { unsafe room.storeBytes(of: value, toByteOffset: cpu * stride, as: Value.self) }
        let result = unsafe bpf_map_update_elem(map.fileDescriptor, &key, room.baseAddress, update.rawValue)
        guard result == 0 else { throw map.error("cannot set a value", result) }
    }

    /// Removes the entry of `key`, and says whether there was one. Entries of an array cannot be removed.
    @discardableResult
    public func remove(_ key: Key) throws(BPFError) -> Bool { try removeKey(map, key) }

    /// Calls `body` with every entry that exists when its turn comes: two system calls for each.
    public func forEach(_ body: (Key, [Value]) throws(BPFError) -> Void) throws(BPFError) {
        try forEachRawKey(map, as: Key.self) { key throws(BPFError) in
            if let values = try values(for: key) { try body(key, values) }
        }
    }
}

extension BPFPerCPUMap where Value: FixedWidthInteger {
    /// The sum of the values of all CPUs, wrapping around as the kernel's counters do; nil if there is no entry.
    public func sum(for key: Key) throws(BPFError) -> Value? {
        try values(for: key)?.reduce(0, &+)
    }
}
