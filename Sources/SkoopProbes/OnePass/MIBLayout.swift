// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// Where in a row of `mib.bpf.c` each wanted counter stands on the running kernel.
struct MIBLayout: Sendable {
    /// The word of each counter; `nil` where this kernel does not have it.
    let words: [Int?]
    /// The tables the counters are in, bits of `enum skoop_mib_tables`.
    let tables: UInt32

    /// Resolves the counters by the names of enumerators in the running kernel's BTF.
    init(_ counters: [MIBCounter]) throws(BPFError) {
        let names = counters.flatMap { counter -> [String] in
            guard case .enumerator(let name) = counter.place else { return [] }
            return [name] + (Self.olderNames[name].map { [$0] } ?? [])
        }
        let numbers = try KernelBTF.enumerators(Set(names))
        words = counters.map { Self.word(of: $0, numbers) }
        tables = counters.reduce(0) { $0 | Self.bit(of: $1.table) }
    }

    private init(words: [Int?], tables: UInt32) {
        self.words = words
        self.tables = tables
    }

    /// The layout without the counters marked `false`.
    func keeping(_ kept: [Bool]) -> MIBLayout {
        MIBLayout(words: zip(words, kept).map { $1 ? $0 : nil }, tables: tables)
    }

    /// Before 6.8 the requests were what is now called packets sent: the enumerator was renamed when packets that are
    /// only forwarded began to be counted (`IPSTATS_MIB_OUTPKTS`).
    private static let olderNames = ["IPSTATS_MIB_OUTREQUESTS": "IPSTATS_MIB_OUTPKTS"]

    private static func word(of counter: MIBCounter, _ numbers: [String: Int64]) -> Int? {
        switch counter.place {
        case .setting:
            return switch counter.field {
            case "Forwarding": Int(SKOOP_MIB_IP_FORWARDING.rawValue)
            case "DefaultTTL": Int(SKOOP_MIB_IP_DEFAULT_TTL.rawValue)
            default: nil
            }
        case .message(let type, let sent):
            return messageWord(counter.table, type: Int(type), sent: sent)
        case .enumerator(let name):
            guard let number = numbers[name] ?? olderNames[name].flatMap({ numbers[$0] }),
                let (start, room) = place(of: counter.table), number >= 0, number < room
            else { return nil }
            return start + Int(number)
        }
    }

    private static func messageWord(_ table: MIBCounter.Table, type: Int, sent: Bool) -> Int? {
        let (errors, information) = (
            Int(SKOOP_MIB_ICMP6_ERROR_TYPES.rawValue), Int(SKOOP_MIB_ICMP6_INFO_TYPES.rawValue)
        )
        switch (table, type) {
        case (.icmp, 0..<Int(SKOOP_MIB_ICMP_TYPES.rawValue)):
            return Int((sent ? SKOOP_MIB_ICMP_OUT : SKOOP_MIB_ICMP_IN).rawValue) + type
        case (.icmp6, 0..<errors):
            return Int((sent ? SKOOP_MIB_ICMP6_OUT_ERROR : SKOOP_MIB_ICMP6_IN_ERROR).rawValue) + type
        case (.icmp6, 128..<128 + information):
            return Int((sent ? SKOOP_MIB_ICMP6_OUT_INFO : SKOOP_MIB_ICMP6_IN_INFO).rawValue) + type - 128
        default:
            return nil
        }
    }

    private static func place(of table: MIBCounter.Table) -> (start: Int, room: Int64)? {
        let (start, room): (skoop_mib_layout, skoop_mib_layout)
        switch table {
        case .ip: (start, room) = (SKOOP_MIB_IP, SKOOP_MIB_IP_WORDS)
        case .icmp: (start, room) = (SKOOP_MIB_ICMP, SKOOP_MIB_ICMP_WORDS)
        case .tcp: (start, room) = (SKOOP_MIB_TCP, SKOOP_MIB_TCP_WORDS)
        case .udp: (start, room) = (SKOOP_MIB_UDP, SKOOP_MIB_UDP_WORDS)
        case .tcpExt: (start, room) = (SKOOP_MIB_TCPEXT, SKOOP_MIB_TCPEXT_WORDS)
        case .ip6: (start, room) = (SKOOP_MIB_IP6, SKOOP_MIB_IP6_WORDS)
        case .icmp6: (start, room) = (SKOOP_MIB_ICMP6, SKOOP_MIB_ICMP6_WORDS)
        case .udp6: (start, room) = (SKOOP_MIB_UDP6, SKOOP_MIB_UDP6_WORDS)
        case .ipExt: return nil
        }
        return (Int(start.rawValue), Int64(room.rawValue))
    }

    private static func bit(of table: MIBCounter.Table) -> UInt32 {
        switch table {
        case .ip, .ipExt: SKOOP_TABLES_IP.rawValue
        case .icmp: SKOOP_TABLES_ICMP.rawValue
        case .tcp: SKOOP_TABLES_TCP.rawValue
        case .udp: SKOOP_TABLES_UDP.rawValue
        case .tcpExt: SKOOP_TABLES_TCPEXT.rawValue
        case .ip6: SKOOP_TABLES_IP6.rawValue
        case .icmp6: SKOOP_TABLES_ICMP6.rawValue
        case .udp6: SKOOP_TABLES_UDP6.rawValue
        }
    }
}
