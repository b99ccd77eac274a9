// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf

/// How full a map is.
public struct BPFMapFill: Sendable, Hashable {
    /// What the map is.
    public let info: BPFMapInfo
    /// How many entries were counted; nil for kinds whose entries are always there or are no entries.
    public let entries: Int?
    /// Whether there are more than were counted.
    public let hasMore: Bool
}

extension LoadedBPFObject {
    /// The maps of the object, those of its global variables left out, and how full hash tables are.
    ///
    /// The kernel counts the entries of hash tables but does not tell (before 6.6, and since then programs only), so that
    /// their keys are walked, a system call each. Entries that come and go meanwhile may be counted or not.
    ///
    /// - Parameter limit: up to how many entries of a map are counted.
    public func mapFills(countingAtMost limit: Int) -> [BPFMapFill] {
        handle.mapNames.filter { !$0.contains(".") }.compactMap { name in
            guard let map = try? descriptor(of: name) else { return nil }
            let kinds: [BPFMapKind] = [.hash, .perCPUHash, .lruHash, .lruPerCPUHash, .lpmTrie]
            guard kinds.contains(map.info.kind) else { return BPFMapFill(info: map.info, entries: nil, hasMore: false) }
            let count = map.count(atMost: limit)
            return BPFMapFill(info: map.info, entries: min(count, limit), hasMore: count > limit)
        }
    }
}

extension MapDescriptor {
    /// How many keys there are, at most one more than `limit`.
    fileprivate func count(atMost limit: Int) -> Int {
        var key = [UInt8](repeating: 0, count: max(1, info.keySize))
        var next = key
        var count = 0
        while count <= limit {
            let isFirst = count == 0
            let result = unsafe key.withUnsafeBytes { key in
                unsafe next.withUnsafeMutableBytes { next in
                    unsafe bpf_map_get_next_key(fileDescriptor, isFirst ? nil : key.baseAddress, next.baseAddress)
                }
            }
            guard result == 0 else { break }
            count += 1
            swap(&key, &next)
        }
        return count
    }
}

extension BPFMapKind: CustomStringConvertible {
    /// The kernel's name in words, else its number.
    public var description: String {
        switch self {
        case .hash: "hash"
        case .array: "array"
        case .perCPUHash: "per-CPU hash"
        case .perCPUArray: "per-CPU array"
        case .lruHash: "LRU hash"
        case .lruPerCPUHash: "LRU per-CPU hash"
        case .lpmTrie: "LPM trie"
        case .ringBuffer: "ring buffer"
        default: "kind \(rawValue)"
        }
    }
}
