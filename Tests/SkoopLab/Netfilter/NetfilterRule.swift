// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A netfilter rule of one of the lab's hosts, with a table of its own; removed when the value goes.
///
/// Needs nf_tables in the kernel and Debian's `nftables`. The counts are the kernel's: a witness for what was done.
public struct NetfilterRule: ~Copyable, Sendable {
    /// Where the rule sees packets.
    public enum Hook: String, Sendable, Hashable, CaseIterable {
        /// Before the kernel routes what came in.
        case prerouting
        /// On the way to a socket.
        case input
        /// On the way through.
        case forward
        /// On the way from a socket.
        case output
        /// Before a packet leaves.
        case postrouting
    }

    /// What becomes of the packets.
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// They vanish.
        case drop
        /// They go on; the rule only counts.
        case accept
        /// They vanish and a TCP reset goes back.
        case rejectWithReset = "reject with tcp reset"
        /// They vanish and ICMP says that an administrator does not allow them.
        case rejectAsProhibited = "reject with icmpx type admin-prohibited"
        /// They vanish and ICMP says that the host cannot be reached.
        case rejectAsHostUnreachable = "reject with icmpx type host-unreachable"
        /// They vanish and ICMP says that nobody is at the port.
        case rejectAsPortUnreachable = "reject with icmpx type port-unreachable"
    }

    /// Packets and their bytes.
    public struct Count: Sendable, Hashable {
        /// How many.
        public var packets: Int
        /// Their lengths with the IP header, summed.
        public var bytes: Int

        /// Makes a count.
        public init(packets: Int, bytes: Int) {
            self.packets = packets
            self.bytes = bytes
        }
    }

    private let host: LabHost
    private let table: String
    private static let counter = Atomic<Int>(0)

    /// Puts a rule up.
    ///
    /// - Parameters:
    ///   - priority: among the hook's other users; -300 comes before connection tracking.
    public init(
        on host: LabHost, _ hook: Hook, _ match: PacketMatch = PacketMatch(), choosing choice: PacketChoice = .all,
        _ verdict: Verdict, priority: Int = 0
    ) throws {
        try self.init(on: host, hook, expression: match.expression, choosing: choice, verdict, priority: priority)
    }

    /// Puts up a rule whose match is an nftables expression.
    init(
        on host: LabHost, _ hook: Hook, expression: String, choosing choice: PacketChoice = .all, _ verdict: Verdict,
        priority: Int = 0
    ) throws {
        let table = "lab\(Self.counter.add(1, ordering: .relaxed).newValue)"
        try host.run(
            "nft", "-f", "-",
            input: """
                table inet \(table) {
                    counter matched { }
                    counter chosen { }
                    chain only {
                        type filter hook \(hook.rawValue) priority \(priority); policy accept;
                        \(expression) counter name matched \(choice.expression) counter name chosen \(verdict.rawValue)
                    }
                }
                """)
        self.host = host
        self.table = table
    }

    /// What matched.
    public func matched() throws -> Count { try count("matched") }

    /// What was chosen among it, and met its verdict.
    public func chosen() throws -> Count { try count("chosen") }

    private func count(_ name: String) throws -> Count {
        let text = try host.run("nft", "list", "counter", "inet", table, name)
        let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" }
        guard let place = words.firstIndex(of: "packets"), place + 3 < words.count,
            let packets = Int(words[place + 1]), let bytes = Int(words[place + 3])
        else { throw LabError("nft shows no counter \(name): \(text)") }
        return Count(packets: packets, bytes: bytes)
    }

    deinit { _ = try? host.run("nft", "delete", "table", "inet", table) }
}
