// SPDX-License-Identifier: Apache-2.0

/// Byte strings that were rendered once, kept in whole vectors so that copying one is a few wide stores.
///
/// The last store of a copy writes up to ``stride`` - 1 bytes more than the string has; what follows overwrites them.
struct PaddedTable {
    /// What one store moves.
    typealias Vector = SIMD64<UInt8>
    /// Bytes in a vector.
    static let stride = 64

    /// Where a string lies.
    struct Entry {
        /// Position of its first vector.
        var start: Int32
        /// Length in bytes; negative where the entry must not be written.
        var length: Int32
    }

    private(set) var vectors: [Vector] = []
    private(set) var entries: [Entry] = []

    mutating func removeAll() {
        vectors.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds a string as the next entry.
    mutating func append(_ bytes: [UInt8]) {
        entries.append(Entry(start: Int32(vectors.count), length: Int32(bytes.count)))
        var position = 0
        while position < bytes.count {
            var vector = Vector()
            for lane in 0..<min(Self.stride, bytes.count - position) { vector[lane] = bytes[position + lane] }
            vectors.append(vector)
            position += Self.stride
        }
    }

    /// Adds an entry that stands for rows to be left out.
    mutating func appendHole() {
        entries.append(Entry(start: Int32(vectors.count), length: -1))
    }
}
