// SPDX-License-Identifier: Apache-2.0

/// What `resolv.conf` says, with the limits that the C library has.
///
/// Sources: resolv.conf(5); `resolv/res_init.c` and `resolv/resolv_conf.c` of glibc.
public struct ResolverConfiguration: Sendable, Hashable {
    /// The name servers that are used, in their order: three at most, this host itself where none is given.
    public private(set) var nameservers: [IPAddress] = []
    /// The domains that are tried behind a name.
    public private(set) var searchDomains: [String] = []
    /// How many dots a name must have to be tried as it is first.
    public private(set) var ndots: UInt64 = 1
    /// Seconds until the next server is asked.
    public private(set) var timeout: UInt64 = 5
    /// How often all servers are asked.
    public private(set) var attempts: UInt64 = 2
    /// Options without a number, in their order, for example `use-vc`.
    public private(set) var options: [String] = []

    /// Reads a file.
    ///
    /// What the C library does not understand it ignores, and so does this; nothing is an error.
    public init(parsing bytes: some Collection<UInt8>) {
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            // Comments begin in the first column, and elsewhere only where a word would.
            let words = line.split { $0 == " " || $0 == "\t" }.prefix { $0.first != "#" && $0.first != ";" }
            guard let keyword = words.first else { continue }
            let rest = words.dropFirst()
            switch keyword {
            case "nameserver":
                let address = rest.first.flatMap { $0.split(separator: "%", maxSplits: 1).first }
                if nameservers.count < 3, let address = address.flatMap({ IPAddress($0) }) {
                    nameservers.append(address)
                }
            case "domain": searchDomains = rest.prefix(1).map { String($0) }
            case "search": searchDomains = rest.map { String($0) }
            case "options": for option in rest { set(option) }
            default: continue
            }
        }
        if nameservers.isEmpty { nameservers = [IPAddress(v4: 0x7f00_0001)] }
    }

    private mutating func set(_ option: Substring) {
        let parts = option.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else {
            if !options.contains(String(option)), options.count < 16 { options.append(String(option)) }
            return
        }
        guard let number = UInt64(parts[1]) else { return }
        switch parts[0] {
        case "ndots": ndots = min(number, 15)
        case "timeout": timeout = max(1, min(number, 30))
        case "attempts": attempts = max(1, min(number, 5))
        default: break
        }
    }

    /// Adds a row for each of the metrics of ``ResolverMetric`` to its family.
    public func append(to families: inout [ResolverMetric: Family], for entity: EntityTable.Index) {
        for metric in ResolverMetric.allCases {
            var family = families[metric] ?? Family(metric.metric)
            switch metric {
            case .nameservers: family.append(UInt64(nameservers.count), for: entity)
            case .publicNameservers: family.append(UInt64(nameservers.count(where: \.isPublic)), for: entity)
            case .searchDomains: family.append(UInt64(searchDomains.count), for: entity)
            case .ndots: family.append(ndots, for: entity)
            case .timeout: family.append(timeout, for: entity)
            case .attempts: family.append(attempts, for: entity)
            case .option: for option in options { family.append(1, for: entity, labels: [option]) }
            }
            families[metric] = family
        }
    }
}

extension IPAddress {
    /// Whether the address is routed on the Internet: none that RFC 6890 and RFC 4193 keep for other uses.
    public var isPublic: Bool {
        let address = unmapped
        guard !address.isLoopback, !address.isLinkLocal, address.bits != 0 else { return false }
        let bits = address.bits
        guard address.version == .v4 else { return bits >> 125 == 1 && bits >> 96 != 0x2001_0db8 }
        let others: [(bits: UInt128, length: UInt128)] = [
            (0x0a, 8), (0xac1, 12), (0xc0a8, 16), (0x6440 >> 6, 10), (0xc000_00, 24), (0xc000_02, 24), (0xc633_64, 24),
            (0xcb00_71, 24), (0xc612 >> 1, 15), (0xe >> 1, 3), (0, 8),
        ]
        return !others.contains { bits >> (32 - $0.length) == $0.bits }
    }
}
