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

    /// The stride of a type is the `sizeof` of the C type that it mirrors.
    func check<Key, Value>(key: Key.Type, value: Value.Type) throws(BPFError) {
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

/// A map of the kernel by a file descriptor that somebody else owns.
struct MapDescriptor: Sendable {
    let fileDescriptor: CInt
    let info: BPFMapInfo

    func error(_ message: String, _ result: CInt) -> BPFError {
        BPFError(.map, errno: -result, subject: info.name, message)
    }
}
