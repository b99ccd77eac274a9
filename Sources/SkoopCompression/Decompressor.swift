// SPDX-License-Identifier: Apache-2.0
import CZlib
import CZstd

/// Undoes what a ``Compressor`` of Zstandard did, for blocks whose size is known.
public enum Decompressor {
    /// The content of a block.
    ///
    /// - Parameters:
    ///   - block: a whole Zstandard frame (RFC 8878).
    ///   - size: how many bytes come out; a block that holds more or less is an error.
    public static func decompress(_ block: [UInt8], size: Int) throws(CompressionError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: size)
        let made = output.withUnsafeMutableBytes { target in
            block.withUnsafeBytes { ZSTD_decompress(target.baseAddress, target.count, $0.baseAddress, $0.count) }
        }
        guard ZSTD_isError(made) == 0 else {
            throw CompressionError(encoding: .zstd, reason: String(cString: ZSTD_getErrorName(made)))
        }
        guard made == size else {
            throw CompressionError(encoding: .zstd, reason: "the block holds \(made) bytes and not \(size)")
        }
        return output
    }
}

/// A checksum against damage by chance: CRC-32 of ISO 3309, as gzip has it.
public enum Checksum {
    /// The checksum of some bytes.
    public static func crc32(_ bytes: some Collection<UInt8>) -> UInt32 {
        let bytes = Array(bytes)
        return bytes.withUnsafeBufferPointer { pointer in
            UInt32(truncatingIfNeeded: crc32_z(0, pointer.baseAddress, pointer.count))
        }
    }
}
