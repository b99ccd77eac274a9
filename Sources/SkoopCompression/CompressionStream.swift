// SPDX-License-Identifier: Apache-2.0
import CZlib
import CZstd

/// The state of zlib or zstd, and every call into them.
///
/// All unsafe code for compressing is here (for the opposite, in `Decompressor.swift`): the libraries take pointers to input and output, which are valid for the
/// length of one call only, and zlib's state refers to itself, so that it must not move.
struct CompressionStream: ~Copyable {
    /// How much output one call can make; what is larger takes more calls.
    private static let windowSize = 16 * 1024

    private enum State {
        case zlib(UnsafeMutablePointer<z_stream>)
        case zstd(OpaquePointer)
    }

    private let state: State
    private var window = [UInt8](repeating: 0, count: windowSize)

    init(_ encoding: Compressor.Encoding, level: Int) throws(CompressionError) {
        switch encoding {
        case .gzip:
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            // A window of 2^15 bytes, and 16 more for the gzip header and trailer; 8 is zlib's usual memory level.
            let status = deflateInit2_(
                stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            guard status == Z_OK else {
                stream.deallocate()
                throw CompressionError(encoding: .gzip, reason: String(cString: zError(status)))
            }
            state = .zlib(stream)
        case .zstd:
            guard let context = ZSTD_createCCtx() else {
                throw CompressionError(encoding: .zstd, reason: "no memory for a context")
            }
            // The level's own window and tables take up to 13 MiB; series repeat within far less.
            let parameters: [(ZSTD_cParameter, Int32)] = [
                (ZSTD_c_compressionLevel, Int32(level)), (ZSTD_c_windowLog, 17), (ZSTD_c_hashLog, 15),
                (ZSTD_c_chainLog, 16),
            ]
            let statuses = parameters.map { ZSTD_CCtx_setParameter(context, $0.0, $0.1) }
            if let failed = statuses.first(where: { ZSTD_isError($0) != 0 }) {
                ZSTD_freeCCtx(context)
                throw CompressionError(encoding: .zstd, reason: String(cString: ZSTD_getErrorName(failed)))
            }
            state = .zstd(context)
        }
    }

    deinit {
        switch state {
        case .zlib(let stream):
            deflateEnd(stream)
            stream.deallocate()
        case .zstd(let context):
            ZSTD_freeCCtx(context)
        }
    }

    /// Feeds `chunk` and appends what comes out; with `ending`, all of it.
    mutating func run(_ chunk: Span<UInt8>, ending: Bool, into output: inout [UInt8]) throws(CompressionError) {
        switch state {
        case .zlib(let stream): try deflateAll(stream, chunk, ending: ending, into: &output)
        case .zstd(let context): try compressAll(context, chunk, ending: ending, into: &output)
        }
    }

    /// Prepares for another stream with the same parameters.
    mutating func reset() throws(CompressionError) {
        switch state {
        case .zlib(let stream):
            let status = deflateReset(stream)
            guard status == Z_OK else {
                throw CompressionError(encoding: .gzip, reason: String(cString: zError(status)))
            }
        case .zstd(let context):
            let status = ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
            guard ZSTD_isError(status) == 0 else {
                throw CompressionError(encoding: .zstd, reason: String(cString: ZSTD_getErrorName(status)))
            }
        }
    }

    private mutating func deflateAll(
        _ stream: UnsafeMutablePointer<z_stream>, _ chunk: Span<UInt8>, ending: Bool, into output: inout [UInt8]
    ) throws(CompressionError) {
        let status = chunk.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            var status = Z_OK
            repeat {
                let made = window.withUnsafeMutableBufferPointer { space in
                    stream.pointee.next_out = space.baseAddress
                    stream.pointee.avail_out = UInt32(space.count)
                    status = deflate(stream, ending ? Z_FINISH : Z_NO_FLUSH)
                    return space.count - Int(stream.pointee.avail_out)
                }
                output.append(contentsOf: window[..<made])
            } while stream.pointee.avail_out == 0
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
            return status
        }
        // Without input there may be nothing to do, which zlib calls a buffer error.
        guard status == (ending ? Z_STREAM_END : Z_OK) || !ending && status == Z_BUF_ERROR else {
            throw CompressionError(encoding: .gzip, reason: String(cString: zError(status)))
        }
    }

    private mutating func compressAll(
        _ context: OpaquePointer, _ chunk: Span<UInt8>, ending: Bool, into output: inout [UInt8]
    ) throws(CompressionError) {
        let failure: Int? = chunk.withUnsafeBufferPointer { bytes in
            var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var isDone = false
            while !isDone {
                var made = 0
                let left = window.withUnsafeMutableBufferPointer { space in
                    var target = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
                    let left = ZSTD_compressStream2(context, &target, &input, ending ? ZSTD_e_end : ZSTD_e_continue)
                    made = target.pos
                    return left
                }
                guard ZSTD_isError(left) == 0 else { return left }
                output.append(contentsOf: window[..<made])
                isDone = ending ? left == 0 : input.pos == input.size
            }
            return nil
        }
        if let failure { throw CompressionError(encoding: .zstd, reason: String(cString: ZSTD_getErrorName(failure))) }
    }
}

// The state is reached through this value only, which has one owner.
extension CompressionStream: @unchecked Sendable {}
