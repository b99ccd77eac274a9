// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import NIOCore
    import SkoopCompression
    import SkoopExport
    import SkoopModel

    /// A page on its way: rendered and compressed piece by piece, as the client takes it.
    struct PageStream: ~Copyable {
        /// Renders the page; to be used again when it is done.
        private(set) var encoder: SnapshotEncoder
        private var compressor: Compressor?
        private var compressed: [UInt8] = []
        private var isDone = false

        /// How much of the uncompressed page one piece may take, so that other connections have their turn.
        private static let chunksPerPiece = 4
        private static let pieceSize = 16 * 1024

        init(
            _ snapshot: Snapshot, as format: ExpositionFormat, compressor: consuming Compressor?,
            compatNames: CompatNames, encoder: SnapshotEncoder
        ) {
            self.encoder = encoder
            self.compressor = compressor
            self.encoder.begin(snapshot, as: format, compatNames: compatNames)
        }

        /// The next piece; `nil` at the end.
        mutating func next(_ allocator: ByteBufferAllocator) throws(CompressionError) -> ByteBuffer? {
            guard compressor != nil else { return encoder.next().map { allocator.buffer(bytes: $0) } }
            guard !isDone else { return nil }
            compressed.removeAll(keepingCapacity: true)
            var chunks = 0
            while !isDone, compressed.isEmpty || chunks < Self.chunksPerPiece && compressed.count < Self.pieceSize {
                chunks += 1
                if let chunk = encoder.next() {
                    try compressor?.compress(chunk.span, into: &compressed)
                } else {
                    try compressor?.finish(into: &compressed)
                    isDone = true
                }
            }
            return allocator.buffer(bytes: compressed)
        }
    }

    extension ContentCoding {
        /// What makes it; nothing for what is sent as it is.
        func compressor() throws(CompressionError) -> Compressor? {
            switch self {
            case .gzip: try Compressor(.gzip)
            case .zstd: try Compressor(.zstd)
            case .identity: nil
            }
        }
    }
#endif
