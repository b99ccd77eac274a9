// SPDX-License-Identifier: Apache-2.0

/// The reused memory in which a page is rendered piece by piece.
struct ChunkBuffer {
    /// From how many bytes on a chunk is handed out.
    let chunkSize: Int
    var storage: [UInt8]
    var count = 0

    init(chunkSize: Int) {
        self.chunkSize = chunkSize
        storage = [UInt8](repeating: 0, count: chunkSize + 4096)
    }

    /// Whether the chunk should be handed out before more is written.
    var isFull: Bool { count >= chunkSize }
    /// What was written since the last ``removeAll()``.
    var written: ArraySlice<UInt8> { storage[..<count] }

    mutating func removeAll() { count = 0 }

    /// Makes room for a piece of `size` bytes; more is allocated only for a piece larger than any before it.
    mutating func makeRoom(for size: Int) {
        let missing = count + size + PaddedTable.stride - storage.count
        if missing > 0 { storage.append(contentsOf: repeatElement(0, count: missing)) }
    }

    /// Lets `body` write where the last piece ended; there must be room.
    @inline(__always)
    mutating func write<Result>(_ body: (inout ByteCursor) -> Result) -> Result {
        let start = count
        var elements = storage.mutableSpan
        var cursor = ByteCursor(elements.mutableBytes, at: start)
        let result = body(&cursor)
        let end = cursor.position
        count = end
        return result
    }

    mutating func append(_ string: String, escaping: Escaping = .none) {
        makeRoom(for: string.utf8.count * escaping.growth)
        write { cursor in cursor.put(string, escaping: escaping) }
    }

    mutating func append(_ value: UInt64, decimals: Int = 0) {
        makeRoom(for: Decimal8.width(decimals: decimals))
        write { cursor in cursor.put(value, decimals: decimals) }
    }

    /// Appends an entry of a table without its last bytes.
    mutating func append(_ entry: PaddedTable.Entry, of table: PaddedTable, dropping last: Int) {
        makeRoom(for: Int(entry.length))
        let shortened = PaddedTable.Entry(start: entry.start, length: entry.length - Int32(last))
        write { cursor in cursor.put(shortened, of: table.vectors.span) }
    }

    /// Appends what was written to another buffer.
    mutating func append(_ other: ChunkBuffer) {
        makeRoom(for: other.count)
        write { cursor in cursor.put(other.storage.span, count: other.count) }
    }
}
