// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf

/// The kind of a map, `enum bpf_map_type` of `include/uapi/linux/bpf.h`.
public struct BPFMapKind: RawRepresentable, Hashable, Sendable {
    /// The kernel's number.
    public let rawValue: UInt32

    /// Any kind, also one that has no constant here.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `BPF_MAP_TYPE_HASH`.
    public static let hash = BPFMapKind(rawValue: 1)
    /// `BPF_MAP_TYPE_ARRAY`.
    public static let array = BPFMapKind(rawValue: 2)
    /// `BPF_MAP_TYPE_PERCPU_HASH`.
    public static let perCPUHash = BPFMapKind(rawValue: 5)
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`.
    public static let perCPUArray = BPFMapKind(rawValue: 6)
    /// `BPF_MAP_TYPE_LRU_HASH`.
    public static let lruHash = BPFMapKind(rawValue: 9)
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`.
    public static let lruPerCPUHash = BPFMapKind(rawValue: 10)
    /// `BPF_MAP_TYPE_LPM_TRIE`.
    public static let lpmTrie = BPFMapKind(rawValue: 11)
    /// `BPF_MAP_TYPE_RINGBUF`, since 5.8.
    public static let ringBuffer = BPFMapKind(rawValue: 27)

    /// Whether an entry has one value for each possible CPU.
    public var isPerCPU: Bool { [.perCPUHash, .perCPUArray, .lruPerCPUHash].contains(self) }
}

/// What a map is: `struct bpf_map_info`, as far as it cannot change.
public struct BPFMapInfo: Sendable, Hashable {
    /// The name in the object.
    public let name: String
    /// The kind.
    public let kind: BPFMapKind
    /// The size of a key in bytes.
    public let keySize: Int
    /// The size of a value in bytes; of one CPU's value in a per-CPU map.
    public let valueSize: Int
    /// How many entries it may hold.
    public let maxEntries: Int
    /// The creation flags (`BPF_F_…`).
    public let flags: UInt32

    init(opened map: OpaquePointer, name: String) {
        self.name = name
        kind = BPFMapKind(rawValue: unsafe bpf_map__type(map).rawValue)
        keySize = Int(unsafe bpf_map__key_size(map))
        valueSize = Int(unsafe bpf_map__value_size(map))
        maxEntries = Int(unsafe bpf_map__max_entries(map))
        flags = unsafe bpf_map__map_flags(map)
    }

    /// Asks the kernel about a map; `name` is what messages call it, as the kernel keeps 15 characters only.
    init(fileDescriptor: CInt, name: String) throws(BPFError) {
        var info = bpf_map_info()
        var size = UInt32(MemoryLayout<bpf_map_info>.stride)
        let result = unsafe bpf_obj_get_info_by_fd(fileDescriptor, &info, &size)
        guard result == 0 else { throw BPFError(.map, errno: -result, subject: name, "is no map") }
        self.name = name
        kind = BPFMapKind(rawValue: info.type)
        keySize = Int(info.key_size)
        valueSize = Int(info.value_size)
        maxEntries = Int(info.max_entries)
        flags = info.map_flags
    }

    /// The stride of a type is the `sizeof` of the C type that it mirrors.
    func check<Key, Value>(key: Key.Type, value: Value.Type, perCPU: Bool) throws(BPFError) {
        guard kind.isPerCPU == perCPU else {
            let allowed = perCPU ? "BPFMapName" : "BPFPerCPUMapName"
            throw BPFError(.type, subject: name, "has \(perCPU ? "no" : "a") value per CPU, allowed: \(allowed)")
        }
        guard MemoryLayout<Key>.stride == keySize else {
            throw BPFError(
                .type, subject: name, "a key has \(keySize) bytes, \(Key.self) has \(MemoryLayout<Key>.stride)")
        }
        guard MemoryLayout<Value>.stride == valueSize else {
            throw BPFError(
                .type, subject: name, "a value has \(valueSize) bytes, \(Value.self) has \(MemoryLayout<Value>.stride)")
        }
    }
}

extension BPFMapInfo {
    func checkRingBuffer() throws(BPFError) {
        guard kind == .ringBuffer else { throw BPFError(.type, subject: name, "is no ring buffer") }
    }
}

/// A map of the kernel by a file descriptor that somebody else owns.
struct MapDescriptor: Sendable {
    let fileDescriptor: CInt
    let info: BPFMapInfo

    func error(_ message: String, _ result: CInt) -> BPFError {
        BPFError(.map, errno: -result, subject: info.name, message)
    }
}
