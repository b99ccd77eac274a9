// SPDX-License-Identifier: Apache-2.0
public import SkoopTesting

/// Which of the packets that match are met; the same ones in every run.
public struct PacketChoice: Sendable, Hashable {
    /// The packets by their position, the first being 0; `nil` for all.
    public let positions: Set<Int>?
    /// After how many packets the positions begin anew.
    public let cycle: Int

    /// Every packet.
    public static let all = PacketChoice(positions: nil, cycle: 1)

    /// Only these, of all that ever match; the first is 0.
    public static func only(_ positions: Int...) -> PacketChoice {
        PacketChoice(positions: Set(positions), cycle: 1 << 30)
    }

    /// A share of the packets that looks random and follows from the seed, beginning anew after 10 000 packets.
    ///
    /// - Parameter fraction: from 0 to 1.
    public static func random(_ fraction: Double, using random: inout SeededGenerator) -> PacketChoice {
        let positions = (0..<10_000).filter { _ in Double.random(in: 0..<1, using: &random) < fraction }
        return PacketChoice(positions: Set(positions), cycle: 10_000)
    }

    /// How many of the first packets are chosen.
    public func count(among packets: Int) -> Int {
        guard let positions else { return packets }
        return (0..<packets).count { positions.contains($0 % cycle) }
    }

    /// The nftables expression; empty for all.
    var expression: String {
        guard let positions else { return "" }
        guard !positions.isEmpty else { return "numgen inc mod \(cycle) \(cycle)" }
        return "numgen inc mod \(cycle) { \(positions.sorted().map(String.init).joined(separator: ", ")) }"
    }
}
