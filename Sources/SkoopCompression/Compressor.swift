// SPDX-License-Identifier: Apache-2.0

/// Compresses a stream of chunks in bounded memory.
///
/// A compressor belongs to one thread at a time and is used again for the next stream after ``finish(into:)``, which
/// spares the allocation of its state. It holds about 300 KiB for gzip and 1 MiB for Zstandard, whatever the level and the
/// size of the stream.
///
/// ```swift
/// var compressor = try Compressor(.zstd)
/// for chunk in page { try compressor.compress(chunk.span, into: &output) }
/// try compressor.finish(into: &output)
/// ```
public struct Compressor: ~Copyable, Sendable {
    /// A compressed format; the raw value is its name in `Content-Encoding`.
    public enum Encoding: String, Sendable, Hashable, CaseIterable {
        /// The gzip format (RFC 1952), made by zlib.
        case gzip
        /// Zstandard (RFC 8878).
        case zstd

        /// The levels that may be chosen.
        public var levels: ClosedRange<Int> { 1...9 }
    }

    /// The format it makes.
    public let encoding: Encoding
    private var stream: CompressionStream

    /// Makes a compressor.
    ///
    /// - Parameters:
    ///   - encoding: the format.
    ///   - level: 1 (fast) to 9 (small); out of range it is clamped. Pages of metrics repeat themselves so much that the
    ///     lowest level makes them ten times smaller already.
    /// - Throws: when there is no memory for its state.
    public init(_ encoding: Encoding, level: Int = 1) throws(CompressionError) {
        let level = min(max(level, encoding.levels.lowerBound), encoding.levels.upperBound)
        self.encoding = encoding
        stream = try CompressionStream(encoding, level: level)
    }

    /// Takes a chunk and appends to `output` what is ready of the result, which may be nothing.
    public mutating func compress(_ chunk: Span<UInt8>, into output: inout [UInt8]) throws(CompressionError) {
        // zlib counts its input in 32 bits.
        var start = 0
        while start < chunk.count {
            let end = start + min(chunk.count - start, 1 << 30)
            try stream.run(chunk.extracting(start..<end), ending: false, into: &output)
            start = end
        }
    }

    /// Ends the stream: appends the rest of the result. The next chunk begins a new stream.
    public mutating func finish(into output: inout [UInt8]) throws(CompressionError) {
        let nothing: [UInt8] = []
        try stream.run(nothing.span, ending: true, into: &output)
        try stream.reset()
    }
}
