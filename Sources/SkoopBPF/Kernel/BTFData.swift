// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The bytes of one BTF blob, read with every access checked: `Documentation/bpf/btf.rst`.
///
/// A kernel has some 5 MB of it, needed for milliseconds, so this is read from the file, searched and given back.
@safe
struct BTFData: ~Copyable {
    /// Where messages say the bytes are from.
    let path: String
    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var types: Range<Int>
    private var strings: Range<Int>
    /// The offset that names call the first of the strings here; what is below it is in the base that this adds to.
    private let firstString: Int

    /// Reads raw BTF, or the `.BTF` section of an ELF file.
    ///
    /// - Parameter base: of a module's, the kernel's, which it adds to: names in that part are empty.
    init(path: String, addingTo base: String? = nil) throws(BPFError) {
        let firstString = try base.map { base throws(BPFError) in try Self.stringsSize(base) } ?? 0
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw BPFError(.btf, errno: errno, subject: path, "cannot be read") }
        defer { close(file) }
        let content = try unsafe Self.read(file, path)
        try unsafe self.init(path: path, owning: content, firstString: firstString)
    }

    /// Takes bytes from elsewhere, such as a test.
    init(path: String, bytes content: [UInt8]) throws(BPFError) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 8)
        unsafe copy.copyBytes(from: content)
        try unsafe self.init(path: path, owning: copy)
    }

    private init(
        path: String, owning bytes: UnsafeMutableRawBufferPointer, firstString: Int = 0
    ) throws(BPFError) {
        self.path = path
        self.firstString = firstString
        unsafe self.bytes = unsafe bytes
        types = 0..<0
        strings = 0..<0
        try locateSections()
    }

    deinit { unsafe bytes.deallocate() }

    var malformed: BPFError { BPFError(.btf, subject: path, "the type information is malformed") }

    private mutating func locateSections() throws(BPFError) {
        guard try load(UInt16.self, at: 0) == 0xEB9F, try load(UInt8.self, at: 2) == 1 else {
            throw BPFError(
                .btf, subject: path, "neither BTF of this machine's byte order nor an ELF file with a .BTF section")
        }
        let header = Int(try load(UInt32.self, at: 4))
        func section(_ offset: Int) throws(BPFError) -> Range<Int> {
            let start = header + Int(try load(UInt32.self, at: offset))
            let end = start + Int(try load(UInt32.self, at: offset + 4))
            guard unsafe end <= bytes.count else { throw malformed }
            return start..<end
        }
        types = try section(8)
        strings = try section(16)
        // Every string then ends within the section.
        if !strings.isEmpty {
            guard try load(UInt8.self, at: strings.upperBound - 1) == 0 else { throw malformed }
        }
    }

    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: Int) throws(BPFError) -> Value
    {
        guard offset >= 0, unsafe offset + MemoryLayout<Value>.size <= bytes.count else { throw malformed }
        return unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type)
    }

    /// The name at an offset of the string section, without its zero. Empty for a bad offset, as for no name.
    func withName<Result>(_ offset: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = strings.lowerBound + Int(offset) - firstString
        guard strings.contains(start), let base = unsafe bytes.baseAddress else {
            return unsafe body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let length = unsafe strlen((base + start).assumingMemoryBound(to: CChar.self))
        return unsafe body(UnsafeRawBufferPointer(start: base + start, count: length))
    }

    func name(_ offset: UInt32) -> String { unsafe withName(offset) { unsafe String(decoding: $0, as: UTF8.self) } }

    func name(_ offset: UInt32, equals text: String) -> Bool {
        unsafe withName(offset) { name in unsafe name.elementsEqual(text.utf8) }
    }

    /// How long the string section of raw BTF is.
    private static func stringsSize(_ path: String) throws(BPFError) -> Int {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw BPFError(.btf, errno: errno, subject: path, "cannot be read") }
        defer { close(file) }
        let header = try unsafe chunk(file, path, at: 0, count: 24)
        defer { unsafe header.deallocate() }
        return unsafe Int(header.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
    }

    private static func read(_ file: CInt, _ path: String) throws(BPFError) -> UnsafeMutableRawBufferPointer {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else {
            throw BPFError(.btf, errno: errno, subject: path, "cannot be read")
        }
        let magic = try unsafe chunk(file, path, at: 0, count: min(64, Int(status.st_size)))
        defer { unsafe magic.deallocate() }
        guard magic.count == 64, unsafe magic.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else {
            return try unsafe chunk(file, path, at: 0, count: Int(status.st_size))
        }
        // ELF64, little-endian: section headers, then their names.
        let entry = unsafe Int(magic.loadUnaligned(fromByteOffset: 58, as: UInt16.self))
        let count = unsafe Int(magic.loadUnaligned(fromByteOffset: 60, as: UInt16.self))
        let namesIndex = unsafe Int(magic.loadUnaligned(fromByteOffset: 62, as: UInt16.self))
        let headersOffset = unsafe magic.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
        guard entry >= 64, namesIndex < count else { throw BPFError(.btf, subject: path, "the ELF file is malformed") }
        let headers = try unsafe chunk(file, path, at: headersOffset, count: entry * count)
        defer { unsafe headers.deallocate() }
        func extent(_ index: Int) -> (offset: UInt64, size: Int) {
            let offset = unsafe headers.loadUnaligned(fromByteOffset: index * entry + 24, as: UInt64.self)
            let size = unsafe headers.loadUnaligned(fromByteOffset: index * entry + 32, as: UInt64.self)
            return (offset, Int(clamping: size))
        }
        let names = try unsafe chunk(file, path, at: extent(namesIndex).offset, count: extent(namesIndex).size)
        defer { unsafe names.deallocate() }
        for index in 0..<count {
            let name = unsafe Int(headers.loadUnaligned(fromByteOffset: index * entry, as: UInt32.self))
            guard unsafe names.dropFirst(name).starts(with: ".BTF\0".utf8) else { continue }
            return try unsafe chunk(file, path, at: extent(index).offset, count: extent(index).size)
        }
        throw BPFError(.btf, subject: path, "the ELF file has no .BTF section")
    }

    private static func chunk(
        _ file: CInt, _ path: String, at offset: UInt64, count: Int
    ) throws(BPFError) -> UnsafeMutableRawBufferPointer {
        // More than any kernel's, and less than a forged length could ask for.
        guard count <= 1 << 28 else { throw BPFError(.btf, subject: path, "\(count) bytes are too many for BTF") }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        var done = 0
        while done < count {
            let got = unsafe pread(
                file, buffer.baseAddress.map { unsafe $0 + done }, count - done, off_t(clamping: offset) + done)
            guard got > 0 else {
                let number = got < 0 ? errno : 0
                unsafe buffer.deallocate()
                throw BPFError(.btf, errno: number, subject: path, "cannot be read to its end")
            }
            done += got
        }
        return unsafe buffer
    }
}
