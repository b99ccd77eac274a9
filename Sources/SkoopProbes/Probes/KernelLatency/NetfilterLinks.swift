// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopBPF

/// The programs of ``KernelLatencyHooks/points`` in one namespace, of IPv4 and IPv6.
final class NetfilterLinks: Sendable {
    private final class Link: Sendable {
        let link: BPFLink

        init(_ link: consuming BPFLink) { self.link = link }
    }

    /// How many descriptors one namespace takes.
    static let count = KernelLatencyHooks.points.count * NetfilterPlace.Family.allCases.count

    /// How many programs of others may be first or last already.
    private static let neighbours: Int32 = 16

    private let links: [Link]

    /// Attaches the programs in the namespace that the calling thread is in.
    init(_ program: AttachedProgram) throws(ProbeError) {
        var links: [Link] = []
        for family in NetfilterPlace.Family.allCases {
            for point in KernelLatencyHooks.points {
                links.append(Link(try Self.attach(program, point.program, family, point.point, isFirst: point.isFirst)))
            }
        }
        self.links = links
    }

    /// Attaches a program before or after all others, beside other programs like it.
    private static func attach(
        _ program: AttachedProgram, _ name: BPFProgramName, _ family: NetfilterPlace.Family,
        _ point: NetfilterPlace.Point, isFirst: Bool
    ) throws(ProbeError) -> BPFLink {
        try program.access { object throws(BPFError) in
            var distance: Int32 = 1
            while true {
                let priority = isFirst ? Int32.min + distance : Int32.max - distance
                do throws(BPFError) {
                    return try object.attach(
                        name, to: .netfilter(NetfilterPlace(family, point, priority: priority)))
                } catch  where error.errno == EBUSY && distance < neighbours { distance += 1 }
            }
        }
    }
}
