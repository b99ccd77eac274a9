// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

extension BPFMapAccess where Self: ~Copyable & ~Escapable {
    /// Calls `body` with every entry: one system call for some hundred entries where the kernel has batches (hashes and
    /// arrays since 5.6), otherwise two for each.
    ///
    /// Programs may change a hash meanwhile: what is added or removed during the walk may or may not be seen.
    public func forEach(_ body: (Key, Value) throws(BPFError) -> Void) throws(BPFError) {
        if try forEachBatch(removing: false, body) { return }
        try forEachKey { key throws(BPFError) in
            if let value = try value(for: key) { try body(key, value) }
        }
    }

    /// Takes every entry out of a hash and calls `body` with it. Each entry is handed out once, with no update lost
    /// in between where the kernel has batches (5.6).
    public func takeAll(_ body: (Key, Value) throws(BPFError) -> Void) throws(BPFError) {
        if try forEachBatch(removing: true, body) { return }
        var keys: [Key] = []
        try forEachKey { key in keys.append(key) }
        for key in keys {
            guard let value = try value(for: key), try remove(key) else { continue }
            try body(key, value)
        }
    }

    /// False if the kernel has no batches for this map, before `body` was called.
    private func forEachBatch(
        removing: Bool, _ body: (Key, Value) throws(BPFError) -> Void
    ) throws(BPFError) -> Bool {
        var room = min(max(info.maxEntries, 1), 256)
        var started = false
        // A token is a bucket's number, or in some kinds a key.
        var token = [UInt8](repeating: 0, count: max(8, info.keySize))
        var next = token
        while true {
            let keys = UnsafeMutablePointer<Key>.allocate(capacity: room)
            let values = UnsafeMutablePointer<Value>.allocate(capacity: room)
            defer {
                unsafe keys.deallocate()
                unsafe values.deallocate()
            }
            var count = UInt32(room)
            let operation = removing ? unsafe bpf_map_lookup_and_delete_batch : unsafe bpf_map_lookup_batch
            let result = unsafe token.withUnsafeMutableBytes { token in
                unsafe next.withUnsafeMutableBytes { next in
                    unsafe operation(
                        fileDescriptor, started ? token.baseAddress : nil, next.baseAddress, keys, values, &count, nil)
                }
            }
            switch result {
            case 0, -ENOENT:
                for index in 0..<Int(count) { unsafe try body(keys[index], values[index]) }
                if result != 0 { return true }
                started = true
                swap(&token, &next)
            case -ENOSPC where room <= info.maxEntries:
                // One bucket alone holds more.
                room *= 2
            case -EINVAL where !started, -EOPNOTSUPP where !started, -524 where !started:
                return false
            default:
                throw descriptor.error("cannot walk the entries", result)
            }
        }
    }
}
