// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The lines of a file, a pipe or a device, read piece by piece: files of any size take the same memory.
public struct LineStream: ~Copyable {
    private let file: FileDescriptor
    private let path: String
    private let longest: Int

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: which.
    ///   - longest: how many bytes a line may have.
    public init(_ path: String, longest: Int = 1 << 16) throws(SystemError) {
        file = try FileDescriptor(open: path)
        self.path = path
        self.longest = longest
    }

    /// Calls `body` with each line without its end; nil for one that is too long.
    public borrowing func forEach<Failure: Error>(
        _ body: (ArraySlice<UInt8>?) throws(Failure) -> Void, failed: (SystemError) -> Failure
    ) throws(Failure) {
        let descriptor = file.rawValue
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        var open: [UInt8] = []
        var isTooLong = false
        while true {
            let count: Int
            do throws(SystemError) {
                count = try FileDescriptor.retrying("read", path) {
                    unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
                }
            } catch { throw failed(error) }
            if count == 0 { break }
            var rest = piece[..<count]
            while let end = rest.firstIndex(of: 0x0a) {
                let part = rest[..<end]
                rest = rest[(end + 1)...]
                if isTooLong || open.count + part.count > longest {
                    try body(nil)
                } else if open.isEmpty {
                    try body(part)
                } else {
                    open += part
                    try body(open[...])
                }
                open = []
                isTooLong = false
            }
            if isTooLong || open.count + rest.count > longest {
                isTooLong = true
                open = []
            } else {
                open += rest
            }
        }
        if isTooLong { try body(nil) } else if !open.isEmpty { try body(open[...]) }
    }
}
