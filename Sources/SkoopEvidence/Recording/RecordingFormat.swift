// SPDX-License-Identifier: Apache-2.0
import SkoopCompression

/// How a recording is laid out: a line of text, then blocks.
///
/// A block is its kind, the length of its content as it stands there and as it is, four bytes each with the lowest first,
/// a CRC-32 of all that and the content, and the content, compressed by Zstandard. A block that was cut off or damaged
/// ends what can be read; values of snapshots build upon the snapshot before.
enum RecordingFormat {
    /// What a recording begins with.
    static let magic = Array("skoop.recording/1\n".utf8)
    /// What stands before the content of a block.
    static let headSize = 17
    /// A block that would be larger is damaged.
    static let largestBlock = 256 << 20

    /// What a block holds.
    enum Kind: UInt8 {
        /// Facts: who recorded what, and which probes could see something.
        case facts = 1
        /// A snapshot.
        case snapshot = 2
        /// Events as lines of JSON (`skoop.event/1`).
        case events = 3
        /// The recording ended as it should.
        case end = 4
    }

    /// A block for a file.
    static func block(
        _ kind: Kind, _ content: [UInt8], _ compressor: inout Compressor
    ) throws(CompressionError) -> [UInt8] {
        var packed: [UInt8] = []
        try compressor.compress(content.span, into: &packed)
        try compressor.finish(into: &packed)
        var head = [kind.rawValue]
        head.append(fixed: UInt32(packed.count))
        head.append(fixed: UInt32(content.count))
        // How large a block is must not be believed of a damaged head.
        head.append(fixed: Checksum.crc32(head))
        head.append(fixed: Checksum.crc32(packed))
        return head + packed
    }

    /// Why a block cannot be read.
    enum Damage: Error {
        /// The file ends inside of it.
        case truncated
        /// A checksum or the content is wrong.
        case damaged
        /// A later version wrote it; how long it is.
        case unknown(Int)
    }

    /// How long the block at the beginning is, where its head is sound and it is there as a whole.
    static func length(of bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= headSize else { return nil }
        let start = bytes.startIndex
        let length = headSize + Int(bytes.fixed(at: start + 1))
        let isSound = Checksum.crc32(bytes[start..<start + 9]) == bytes.fixed(at: start + 9)
        return isSound && length <= bytes.count ? length : nil
    }

    /// Takes the block at the beginning.
    static func next(_ bytes: ArraySlice<UInt8>) throws(Damage) -> (kind: Kind, content: [UInt8], length: Int) {
        guard bytes.count >= headSize else { throw .truncated }
        let start = bytes.startIndex
        let packed = Int(bytes.fixed(at: start + 1))
        let size = Int(bytes.fixed(at: start + 5))
        guard Checksum.crc32(bytes[start..<start + 9]) == bytes.fixed(at: start + 9), size <= largestBlock else {
            throw .damaged
        }
        guard bytes.count - headSize >= packed else { throw .truncated }
        let content = Array(bytes[start + headSize..<start + headSize + packed])
        guard Checksum.crc32(content) == bytes.fixed(at: start + 13) else { throw .damaged }
        guard let kind = Kind(rawValue: bytes[start]) else { throw .unknown(headSize + packed) }
        do throws(CompressionError) {
            return (kind, try Decompressor.decompress(content, size: size), headSize + packed)
        } catch { throw .damaged }
    }
}

extension [UInt8] {
    fileprivate mutating func append(fixed number: UInt32) {
        for shift in [0, 8, 16, 24] as [UInt32] { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func fixed(at position: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[position + $1]) << (8 * UInt32($1)) }
    }
}
