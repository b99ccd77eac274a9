// SPDX-License-Identifier: Apache-2.0
import Glibc
internal import Synchronization

/// The kernel's description of its own types (BTF), read for questions and freed with this value.
///
/// Needs no privilege. Each question is one scan of some milliseconds; ask for many names at once.
public struct KernelBTF: ~Copyable {
    private let data: BTFData

    /// Where the running kernel keeps its own, since 5.2 with `CONFIG_DEBUG_INFO_BTF`.
    public static let systemPath = "/sys/kernel/btf/vmlinux"

    /// Where a kernel's type information may lie as a file, in the order of search: raw BTF, or ELF with `.BTF`.
    public static var usualPaths: [String] {
        let release = KernelVersion.runningRelease
        return [
            "/etc/net-exporter/vmlinux-\(release)",
            "/etc/net-exporter/btf/vmlinux-\(release)",
            "/etc/net-exporter/btf/\(release).btf",
            "/etc/net-exporter/custom_btf/vmlinux-\(release)",
            "/etc/net-exporter/custom_btf/\(release).btf",
            "/boot/vmlinux-\(release)",
            "/lib/modules/\(release)/vmlinux-\(release)",
            "/lib/modules/\(release)/build/vmlinux",
            "/usr/lib/modules/\(release)/kernel/vmlinux",
            "/usr/lib/debug/boot/vmlinux-\(release)",
            "/usr/lib/debug/boot/vmlinux-\(release).debug",
            "/usr/lib/debug/lib/modules/\(release)/vmlinux",
        ]
    }

    private static let namedPath = Mutex<String?>(nil)

    /// A file to be used before `usualPaths` is searched, in the whole process and by whatever is opened from then on;
    /// the kernel's own type information still comes first.
    public static var preferredPath: String? {
        get { namedPath.withLock { $0 } }
        set { namedPath.withLock { $0 = newValue } }
    }

    /// The file that stands in for the kernel's own where it has none.
    static var substitutePath: String? { isShown ? nil : preferredPath ?? usualSubstitute }

    /// A device in its place is how what the kernel shows is hidden from a container.
    private static var isShown: Bool {
        var status = stat()
        guard unsafe stat(systemPath, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(systemPath, R_OK) == 0
    }
    /// Remembered once found: such a file may have some hundred megabytes.
    private static let foundPath = Mutex<String?>(nil)
    private static var usualSubstitute: String? {
        foundPath.withLock { found in
            found = found ?? usualPaths.first { path in (try? KernelBTF(path: path)) != nil }
            return found
        }
    }

    /// The running kernel's type information: its own, else `preferredPath`, else the first of `usualPaths` that has any.
    public init() throws(BPFError) {
        try self.init(path: Self.substitutePath ?? Self.systemPath)
    }

    /// The type information in a file: raw BTF, or the `.BTF` section of a 64-bit ELF file.
    public init(path: String) throws(BPFError) {
        data = try BTFData(path: path)
    }

    /// The type information of a module, without the types it shares with the kernel; since 5.11.
    public init(module: String) throws(BPFError) {
        try self.init(path: "/sys/kernel/btf/\(module)", addingTo: Self.systemPath)
    }

    init(path: String, addingTo base: String) throws(BPFError) {
        data = try BTFData(path: path, addingTo: base)
    }

    init(path: String, bytes: [UInt8]) throws(BPFError) {
        data = try BTFData(path: path, bytes: bytes)
    }

    /// The values of enumerators of the running kernel, in one scan that leaves no memory behind.
    public static func enumerators(_ names: some Sequence<String>) throws(BPFError) -> [String: Int64] {
        try KernelTypesTurn.take { () throws(BPFError) in try KernelBTF().enumerators(names) }
    }

    /// The values of those of `names` that exist, in whichever enumeration, named or anonymous. The first one counts.
    public func enumerators(_ names: some Sequence<String>) throws(BPFError) -> [String: Int64] {
        let wanted = Set(names)
        let hashes = Set(wanted.map { name in hash(name.utf8) })
        var found: [String: (value: Int64, wide: Bool)] = [:]
        var knowsSigns = false
        try data.forEachType { type throws(BPFError) in
            guard type.kind == .enumeration || type.kind == .enumeration64 else { return true }
            knowsSigns = knowsSigns || type.flag || type.kind == .enumeration64
            for index in 0..<type.count {
                let (name, value) = try data.enumerator(type, index, signed: type.flag)
                // A String for each of the kernel's 40,000 enumerators would be most of the cost.
                guard hashes.contains(unsafe data.withName(name, { unsafe hash($0) })) else { continue }
                let text = data.name(name)
                if wanted.contains(text), found[text] == nil {
                    found[text] = (value, type.kind == .enumeration64)
                }
            }
            return found.count < wanted.count
        }
        // Before 6.0 nothing says which enumerations have negative values.
        return found.mapValues { value, wide in
            knowsSigns || wide ? value : Int64(Int32(truncatingIfNeeded: value))
        }
    }

    /// All enumerators of `enum name` in their order; nil if there is no such enumeration.
    public func enumerators(of name: String) throws(BPFError) -> [(name: String, value: Int64)]? {
        try enumerators(ofAll: [name])[name]
    }

    /// All enumerators of those enumerations that exist, each in its order, by the enumeration's name.
    public func enumerators(
        ofAll names: Set<String>
    ) throws(BPFError) -> [String: [(name: String, value: Int64)]] {
        let hashes = Set(names.map { name in hash(name.utf8) })
        var found: [String: [(name: String, value: Int64)]] = [:]
        try data.forEachType { type throws(BPFError) in
            guard type.kind == .enumeration || type.kind == .enumeration64,
                hashes.contains(unsafe data.withName(type.name, { unsafe hash($0) }))
            else { return true }
            let enumeration = data.name(type.name)
            guard names.contains(enumeration), found[enumeration] == nil else { return true }
            var list: [(name: String, value: Int64)] = []
            for index in 0..<type.count {
                let (name, value) = try data.enumerator(type, index, signed: type.flag)
                list.append((data.name(name), value))
            }
            found[enumeration] = list
            return found.count < names.count
        }
        return found
    }

    /// All enumerators of those enumerations that the running kernel has, and those of its modules that are named.
    public static func enumerators(
        ofAll names: Set<String>, modules: [String] = []
    ) throws(BPFError) -> [String: [(name: String, value: Int64)]] {
        try KernelTypesTurn.take { () throws(BPFError) in
            var found = try KernelBTF().enumerators(ofAll: names)
            for module in modules {
                // A module that is not loaded, or has no type information, adds nothing.
                guard let more = try? KernelBTF(module: module).enumerators(ofAll: names) else { continue }
                found.merge(more) { known, _ in known }
            }
            return found
        }
    }

    /// Those of `names` that are types of that kind, such as functions or typedefs.
    public func names(of kind: BTFKind, in names: some Sequence<String>) throws(BPFError) -> Set<String> {
        let wanted = Set(names)
        let hashes = Set(wanted.map { name in hash(name.utf8) })
        var found: Set<String> = []
        try data.forEachType { type throws(BPFError) in
            guard type.kind == kind, hashes.contains(unsafe data.withName(type.name, { unsafe hash($0) })) else {
                return true
            }
            let name = data.name(type.name)
            if wanted.contains(name) { found.insert(name) }
            return found.count < wanted.count
        }
        return found
    }

    /// What ``identifier(of:_:)`` found: the numbers of a running kernel never change.
    private static let identifiers = Mutex<[String: UInt32?]>([:])

    /// The number of a type of the running kernel, by which programs are attached to it; nil if there is none. Only the
    /// kernel's own type information has the numbers that it knows, not a file that stands in for it.
    static func identifier(of kind: BTFKind, _ name: String) throws(BPFError) -> UInt32? {
        let question = "\(kind) \(name)"
        if let answer = identifiers.withLock({ $0[question] }) { return answer }
        let data = try BTFData(path: systemPath)
        var id: UInt32?
        try data.forEachType { type throws(BPFError) in
            if type.kind == kind, data.name(type.name, equals: name) { id = type.id }
            return id == nil
        }
        _ = identifiers.withLock { $0.updateValue(id, forKey: question) }
        return id
    }

    /// The number of a type of a module, which begins to count where the kernel's own types end; nil if there is none.
    static func identifier(of kind: BTFKind, _ name: String, inModule module: String) throws(BPFError) -> UInt32? {
        var kernelTypes: UInt32 = 0
        try BTFData(path: systemPath).forEachType { type throws(BPFError) in
            kernelTypes = type.id
            return true
        }
        let data = try BTFData(path: "/sys/kernel/btf/\(module)", addingTo: systemPath)
        var id: UInt32?
        try data.forEachType { type throws(BPFError) in
            if type.kind == kind, data.name(type.name, equals: name) { id = kernelTypes + type.id }
            return id == nil
        }
        return id
    }

    /// Whether there is a type of that kind and name.
    public func has(_ kind: BTFKind, _ name: String) throws(BPFError) -> Bool {
        try !names(of: kind, in: [name]).isEmpty
    }

    /// Where `member` is in `struct structure` (or a union), also within its anonymous members; nil if there is none.
    public func bitOffset(of member: String, in structure: String) throws(BPFError) -> Int? {
        // Anonymous members lie anywhere, so their places are noted in the same scan.
        var places: [UInt32: BTFType] = [:]
        var outer: BTFType?
        try data.forEachType { type throws(BPFError) in
            guard type.kind == .structure || type.kind == .union else { return true }
            if type.name == 0 { places[type.id] = type }
            if outer == nil, data.name(type.name, equals: structure) { outer = type }
            return true
        }
        guard let outer else { return nil }
        return try bitOffset(of: member, in: outer, anonymous: places, depth: 0)
    }

    private func bitOffset(
        of member: String, in type: BTFType, anonymous: [UInt32: BTFType], depth: Int
    ) throws(BPFError) -> Int? {
        guard depth < 16 else { throw data.malformed }
        for index in 0..<type.count {
            let place = type.members + 12 * index
            let name = try data.load(UInt32.self, at: place)
            let raw = Int(try data.load(UInt32.self, at: place + 8))
            let offset = type.flag ? raw & 0xFF_FFFF : raw
            if name != 0 {
                if data.name(name, equals: member) { return offset }
            } else if let inner = anonymous[try data.load(UInt32.self, at: place + 4)],
                let within = try bitOffset(of: member, in: inner, anonymous: anonymous, depth: depth + 1)
            {
                return offset + within
            }
        }
        return nil
    }
}

/// FNV-1a, to compare names without making a String of each.
private func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
}
