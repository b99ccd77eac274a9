// SPDX-License-Identifier: Apache-2.0
public import SkoopLab

/// A fault, two at once, or something harmless, made real, with its label.
public struct LabScenario: Sendable {
    /// What it changes.
    public enum Reach: String, Sendable, Hashable, CaseIterable {
        /// Its own lab: many can play at the same time.
        case lab
        /// The whole machine, beside its own lab: plays alone.
        case alone
        /// The whole machine: plays alone, and the node's findings count.
        case machine
    }

    /// Its name.
    public var name: String
    /// The identifiers of the rules that are to find it; none where nothing is wrong.
    public var causes: [String]
    /// What it changes.
    public var reach: Reach
    /// The topologies it can play in.
    public var topologies: [Topology]
    /// The versions of IP that it can be played over.
    public var families: [IPFamily]
    /// Whether what is between client and server is not watched.
    public var hidesMiddle: Bool
    let play: @Sendable (Stage) throws -> Void

    /// Makes a scenario.
    public init(
        _ name: String, _ causes: String..., reach: Reach = .lab, topologies: [Topology] = Topology.allCases,
        families: [IPFamily] = IPFamily.allCases,
        hidesMiddle: Bool = false, play: @escaping @Sendable (Stage) throws -> Void
    ) {
        self.name = name
        self.causes = causes
        self.reach = reach
        self.topologies = topologies
        self.families = families
        self.hidesMiddle = hidesMiddle
        self.play = play
    }

    /// All there are.
    public static var all: [LabScenario] {
        tcpFaults + moreTCPFaults + proxyFaults + realServerFaults + dnsFaults + moreDNSFaults + otherFaults
            + machineFaults
            + doubleFaults + healthy
            + moreHealthy + healthyMachines
    }
}
