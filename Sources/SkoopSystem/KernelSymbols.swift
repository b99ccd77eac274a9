// SPDX-License-Identifier: Apache-2.0

/// The functions of the running kernel and its modules by address, from `/proc/kallsyms`.
///
/// Some 12 bytes and the name for each of about 100,000 functions: 3 to 5 MB. The addresses are shown only to a process
/// with `CAP_SYSLOG`, and to nobody where `kernel.kptr_restrict` is 2.
public struct KernelSymbols: Sendable {
    /// A function, and how far into it an address is.
    public struct Place: Sendable, Hashable, CustomStringConvertible {
        /// The function's name as the kernel has it, a suffix of the compiler such as `.cold` included.
        public var symbol: String
        /// Bytes from its beginning.
        public var offset: UInt64

        /// The name in the source, without what the compiler appended.
        public var function: String { String(symbol.prefix { $0 != "." }) }

        /// `nf_hook_slow+0x4f`.
        public var description: String { "\(symbol)+0x\(String(offset, radix: 16))" }
    }

    /// The file.
    public static let systemPath = "/proc/kallsyms"

    /// Functions are shorter, so that what is further from one's beginning lies in none that is known.
    private static let longestFunction: UInt64 = 1 << 16

    private let addresses: [UInt64]
    /// Where in `text` the name of each begins; it ends with a zero.
    private let names: [UInt32]
    private let text: [UInt8]
    /// The last function of the kernel itself and of each module, by its position.
    private let last: Set<Int>
    /// Whether the file has functions, but not their addresses.
    public let isHidden: Bool

    /// Reads a file in the form of `/proc/kallsyms`; lines of another form are skipped.
    public init(path: String = Self.systemPath) throws(SystemError) {
        let file = try FileDescriptor(open: path)
        var buffer = FileBuffer(capacity: 64 << 10)
        var list: [(address: UInt64, name: UInt32, owner: Int)] = []
        var owners: [[UInt8]: Int] = [:]
        var text: [UInt8] = []
        var hidden = 0
        try buffer.forEachLine(of: file) { line in
            var scanner = ByteScanner(line)
            guard let address = scanner.hexadecimal(), let type = scanner.token(), type.isText,
                let name = scanner.token(), let start = UInt32(exactly: text.count)
            else { return }
            guard address != 0 else { return hidden += 1 }
            var owner: [UInt8] = []
            if let module = scanner.token() { owner = module.indices.map { module[$0] } }
            let number = owners[owner] ?? owners.count
            owners[owner] = number
            list.append((address, start, number))
            for index in name.indices { text.append(name[index]) }
            text.append(0)
        }
        isHidden = list.isEmpty && hidden > 0
        // The kernel's own are in order, those of modules are not; of several names the first one stays.
        list.sort { ($0.address, $0.name) < ($1.address, $1.name) }
        var previous: UInt64 = 0
        list.removeAll { symbol in
            defer { previous = symbol.address }
            return symbol.address == previous
        }
        last = Set(list.indices.filter { $0 + 1 == list.count || list[$0].owner != list[$0 + 1].owner })
        // Copies have no room to spare, of which growing arrays have plenty.
        addresses = list.map(\.address)
        names = list.map(\.name)
        self.text = Array(text[...])
    }

    /// How many functions there are.
    public var count: Int { addresses.count }

    /// The function that an address is in; nil where none is known.
    public func place(of address: UInt64) -> Place? {
        position(of: address).map { Place(symbol: symbol($0), offset: address - addresses[$0]) }
    }

    /// Whether an address may be in a module that was loaded after this was read: there is no function, or the last one of
    /// a module, begun on another page; each module has pages of its own.
    public func isDoubtful(_ address: UInt64) -> Bool {
        guard let position = position(of: address) else { return true }
        return last.contains(position) && address >> 12 != addresses[position] >> 12
    }

    private func position(of address: UInt64) -> Int? {
        var (low, high) = (0, addresses.count)
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] <= address { low = middle + 1 } else { high = middle }
        }
        return low > 0 && address - addresses[low - 1] < Self.longestFunction ? low - 1 : nil
    }

    /// The places in memory of functions by their names in the source: several where the compiler split one.
    public func ranges(of functions: Set<String>) -> [(function: String, range: Range<UInt64>)] {
        let initials = Set(functions.compactMap(\.utf8.first))
        return addresses.indices.compactMap { index in
            // A String for each would be most of the cost.
            guard initials.contains(text[Int(names[index])]) else { return nil }
            let place = Place(symbol: symbol(index), offset: 0)
            guard functions.contains(place.function) else { return nil }
            let start = addresses[index]
            let end = index + 1 < addresses.count ? addresses[index + 1] : start + Self.longestFunction
            return (place.function, start..<min(end, start + Self.longestFunction))
        }
    }

    private func symbol(_ index: Int) -> String {
        let start = Int(names[index])
        return String(decoding: text[start...].prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension Span<UInt8> {
    /// Whether a symbol of this type is code: `t`, global `T`, weak `w` or `W`.
    fileprivate var isText: Bool {
        guard count == 1 else { return false }
        switch self[0] {
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "w"), UInt8(ascii: "W"): return true
        default: return false
        }
    }
}
