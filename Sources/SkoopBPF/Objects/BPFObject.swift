// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// An opened object: read, but not yet in the kernel, so that it can still be changed.
///
/// Opening needs no privilege. `load()` consumes this value and gives a `LoadedBPFObject`; a value that goes out of
/// scope is closed.
@safe
public struct BPFObject: ~Copyable, Sendable {
    let handle: ObjectHandle
    private let log: VerifierLogBuffer
    /// The file that field offsets are taken from; nil for the kernel's own.
    private let standIn: String?

    /// Reads an image.
    ///
    /// - Parameters:
    ///   - image: the compiled file.
    ///   - kernelBTF: the type information that field offsets are taken from, as a file: raw BTF or an ELF file with
    ///     a `.BTF` section. Nil takes the running kernel's own, or where it has none (before 5.2, or built without
    ///     `CONFIG_DEBUG_INFO_BTF`), `KernelBTF.preferredPath` or the first of `KernelBTF.usualPaths` that exists.
    public init(_ image: BPFImage, kernelBTF: String? = nil) throws(BPFError) {
        let log = try VerifierLogBuffer(subject: image.name)
        let bytes = image.bytes
        let logBuffer = unsafe log.address
        let path = kernelBTF ?? KernelBTF.substitutePath
        let opened = unsafe collectingWarnings {
            unsafe image.name.withCString { name in
                unsafe withOptionalCString(path) { path in
                    var options = unsafe bpf_object_open_opts()
                    unsafe options.sz = unsafe MemoryLayout<bpf_object_open_opts>.stride
                    unsafe options.object_name = unsafe name
                    unsafe options.btf_custom_path = unsafe path
                    unsafe options.kernel_log_buf = unsafe logBuffer
                    unsafe options.kernel_log_size = VerifierLogBuffer.size
                    return unsafe bytes.withUnsafeBytes {
                        unsafe bpf_object__open_mem($0.baseAddress, $0.count, &options)
                    }
                }
            }
        }
        guard let pointer = unsafe opened.result else {
            throw unsafe BPFError(
                .image, errno: opened.errno, subject: image.name,
                opened.warnings.last ?? "not an eBPF object file that libbpf can read")
        }
        unsafe handle = ObjectHandle(pointer: pointer, name: image.name)
        unsafe Self.nameNewKinds(pointer)
        self.log = log
        standIn = path
    }

    /// Tells libbpf the kinds of programs that version 1.1 does not know the sections of.
    private static func nameNewKinds(_ object: OpaquePointer) {
        var program = unsafe bpf_object__next_program(object, nil)
        while let current = unsafe program {
            if unsafe strcmp(bpf_program__section_name(current), "netfilter") == 0 {
                let kind = BPFProgramKind.netfilter
                unsafe bpf_program__set_type(current, bpf_prog_type(rawValue: kind.rawValue))
                unsafe bpf_program__set_expected_attach_type(current, kind.trialAttachType)
            }
            unsafe program = unsafe bpf_object__next_program(object, current)
        }
    }

    /// What messages call the object.
    public var name: String { handle.name }

    /// The names of its programs, in the order of the file.
    public var programNames: [String] { handle.programNames }

    /// The names of its maps, in the order of the file, with those that hold global variables (`….rodata`).
    public var mapNames: [String] { handle.mapNames }

    /// Leaves a program out of the loading, for instance because the running kernel lacks its hook.
    public mutating func disable(_ program: BPFProgramName) throws(BPFError) {
        unsafe bpf_program__set_autoload(try handle.program(program), false)
    }

    /// Gives a map room for `entries` entries instead of what the source says.
    public mutating func resize<Key, Value>(_ map: BPFMapName<Key, Value>, entries: Int) throws(BPFError) {
        try resize(map: map.description, entries: entries)
    }

    /// Gives a per-CPU map room for `entries` entries, each with a value for every possible CPU.
    public mutating func resize<Key, Value>(_ map: BPFPerCPUMapName<Key, Value>, entries: Int) throws(BPFError) {
        try resize(map: map.description, entries: entries)
    }

    /// Gives a ring buffer room for `bytes` bytes: a power of two, and a multiple of the page size.
    public mutating func resize(_ ring: BPFRingBufferName, bytes: Int) throws(BPFError) {
        try resize(map: ring.description, entries: bytes)
    }

    private func resize(map name: String, entries: Int) throws(BPFError) {
        let map = unsafe try handle.map(name)
        guard let count = UInt32(exactly: entries), count > 0 else {
            throw BPFError(.map, subject: name, "\(entries) entries, allowed: 1 to \(UInt32.max)")
        }
        let result = unsafe bpf_map__set_max_entries(map, count)
        guard result == 0 else {
            throw BPFError(.map, errno: -result, subject: name, "cannot have \(entries) entries")
        }
    }

    /// Checks a name and its types against the object, without privileges: for tests of what an image must contain.
    public func check<Key, Value>(_ map: BPFMapName<Key, Value>) throws(BPFError) {
        try info(of: map.description).check(key: Key.self, value: Value.self, perCPU: false)
    }

    /// Checks the name and the types of a per-CPU map.
    public func check<Key, Value>(_ map: BPFPerCPUMapName<Key, Value>) throws(BPFError) {
        try info(of: map.description).check(key: Key.self, value: Value.self, perCPU: true)
    }

    /// Checks that the object has a ring buffer of that name.
    public func check(_ ring: BPFRingBufferName) throws(BPFError) {
        try info(of: ring.description).checkRingBuffer()
    }

    /// What a map will be when loaded.
    public func info(of map: String) throws(BPFError) -> BPFMapInfo {
        unsafe BPFMapInfo(opened: try handle.map(map), name: map)
    }

    /// Checks that the object has a program of that name.
    public func check(_ program: BPFProgramName) throws(BPFError) {
        _ = unsafe try handle.program(program)
    }

    /// Brings maps and programs into the kernel.
    ///
    /// Needs CAP_BPF and, for tracing, CAP_PERFMON (CAP_SYS_ADMIN before 5.8). The memory lock limit is raised where
    /// the kernel still counts eBPF against it (before 5.11). A refused program is a `verifier` error with the log.
    public consuming func load() throws(BPFError) -> LoadedBPFObject {
        let pointer = unsafe handle.pointer
        let loaded = KernelTypesTurn.take { collectingWarnings { unsafe bpf_object__load(pointer) } }
        guard loaded.result == 0 else {
            let number = loaded.result < 0 ? -loaded.result : loaded.errno
            throw loadError(errno: number, warnings: loaded.warnings)
        }
        return LoadedBPFObject(handle: handle)
    }

    private func loadError(errno number: CInt, warnings: [String]) -> BPFError {
        // The error number that comes with it, of a process that does not exist, would mislead.
        if warnings.contains(where: { $0.contains("valid kernel BTF") }) {
            if let file = standIn {
                return BPFError(
                    .btf, subject: name,
                    "needs type information (BTF) of the kernel itself, in \(KernelBTF.systemPath); \(file) cannot "
                        + "stand in for it")
            }
            return BPFError(
                .btf, subject: name,
                "the kernel shows no type information (BTF) in \(KernelBTF.systemPath), and none is in the usual places "
                    + "such as /boot/vmlinux-\(KernelVersion.runningRelease)")
        }
        // libbpf's "prog 'name': BPF program load failed: …" is the only place that names the program.
        let refused = warnings.first { $0.hasPrefix("prog '") && $0.contains("load failed") }
        guard let refused, let program = refused.split(separator: "'").dropFirst().first else {
            let cause = warnings.first { !$0.hasPrefix("failed to load object") } ?? "cannot be loaded"
            return BPFError(.load, errno: number, subject: name, cause)
        }
        guard let log = log.log else {
            let cause = warnings.first { $0 != refused } ?? "the kernel refuses the program"
            return BPFError(.load, errno: number, subject: "\(name).\(program)", cause)
        }
        return BPFError(
            .verifier, errno: number, subject: "\(name).\(program)", "the verifier refuses the program",
            verifierLog: log)
    }
}

/// Passes nil on as a null pointer.
func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return unsafe text.withCString { unsafe body($0) }
}
