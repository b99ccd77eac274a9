// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// A program that the kernel runs for each of its objects of a kind (`SEC("iter/task")`, …; 5.8), as often as asked.
///
/// What the program writes with `bpf_seq_write` or `bpf_seq_printf` is what a run gives to read.
public struct BPFIterator: ~Copyable, Sendable {
    private let link: CInt
    private let name: String

    init(link: CInt, name: String) {
        self.link = link
        self.name = name
    }

    deinit { close(link) }

    /// Runs the program over all objects and hands what it writes to `body`, piece by piece.
    ///
    /// A piece ends where the kernel's buffer was full, at the end of what one call of the program wrote, so records of
    /// `bpf_seq_write` are never cut as long as `buffer` is larger than one call's output. The buffer is filled anew.
    public func run(into buffer: inout [UInt8], _ body: (RawSpan) throws(BPFError) -> Void) throws(BPFError) {
        let session = bpf_iter_create(link)
        guard session >= 0 else { throw BPFError(.run, errno: -session, subject: name, "cannot be run") }
        defer { close(session) }
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 1 << 16) }
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(session, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw BPFError(.run, errno: errno, subject: name, "cannot be read") }
            if count == 0 { return }
            try body(unsafe buffer.span.bytes.extracting(first: count))
        }
    }

    /// Runs the program over all objects and gives all that it writes.
    public func run() throws(BPFError) -> [UInt8] {
        var all: [UInt8] = []
        var buffer: [UInt8] = []
        try run(into: &buffer) { piece in
            for index in 0..<piece.byteCount {
                all.append(unsafe piece.unsafeLoad(fromByteOffset: index, as: UInt8.self))
            }
        }
        return all
    }
}

extension LoadedBPFObject {
    /// Prepares an iterator program to be run.
    public func iterator(_ program: BPFProgramName) throws(BPFError) -> BPFIterator {
        try unsafe iterator(program, information: nil, size: 0)
    }

    /// Prepares an iterator program over the entries of a map (`SEC("iter/bpf_map_elem")`).
    public func iterator(
        _ program: BPFProgramName, over map: borrowing some BPFMapAccess & ~Copyable & ~Escapable
    ) throws(BPFError) -> BPFIterator {
        try iterator(program, over: map.fileDescriptor)
    }

    /// The same over a map of this object that is known by its name only, whatever its keys and values are.
    public func iterator(_ program: BPFProgramName, overMap name: String) throws(BPFError) -> BPFIterator {
        try iterator(program, over: try descriptor(of: name).fileDescriptor)
    }

    private func iterator(_ program: BPFProgramName, over map: CInt) throws(BPFError) -> BPFIterator {
        var information = bpf_iter_link_info()
        unsafe information.map.map_fd = UInt32(map)
        return try unsafe iterator(program, information: &information, size: MemoryLayout<bpf_iter_link_info>.stride)
    }

    private func iterator(
        _ program: BPFProgramName, information: UnsafeMutablePointer<bpf_iter_link_info>?, size: Int
    ) throws(BPFError) -> BPFIterator {
        let descriptor = try fileDescriptor(of: program)
        var options = unsafe bpf_link_create_opts()
        unsafe options.sz = unsafe MemoryLayout<bpf_link_create_opts>.stride
        unsafe options.iter_info = unsafe information
        unsafe options.iter_info_len = UInt32(size)
        let link = unsafe bpf_link_create(descriptor, 0, BPF_TRACE_ITER, &options)
        let subject = "\(name).\(program)"
        guard link >= 0 else {
            throw BPFError(.attach, errno: -link, subject: subject, "is no iterator that can be run")
        }
        return BPFIterator(link: link, name: subject)
    }
}
