// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopProbes

/// The passes make room for more namespaces than they were loaded for.
@Suite(.serialized, .requiresRoot)
struct PassCapacityTests {
    @Test func passesGrowWithTheNamespaces() throws {
        let one = try TestNamespace()
        let two = try TestNamespace()
        let three = try TestNamespace()
        let wanted = Set([one.inode, two.inode, three.inode].map { NamespaceID(rawValue: $0) })
        let counters = TCPMetric.allCases.compactMap(\.mib)
        var counts = try MIBPass(capacity: 1)
        let table = try counts.read(counters, try MIBLayout(counters))
        #expect(wanted.isSubset(of: table.namespaces))
        #expect(table.values.count == table.namespaces.count * counters.count)
        #expect(Set(table.namespaces).count == table.namespaces.count)

        var sockets = try TCPSocketPass(capacity: 1)
        let rows = try sockets.read(ProblemCounter())
        #expect(wanted.isSubset(of: rows.map(\.namespace)))
        #expect(Set(rows.map(\.namespace)).count == rows.count)

        // Each load learns anew where protocols count.
        let protocols = try SockstatPass([.tcpInuse, .raw6Inuse], capacity: 1)
        var seen: [NamespaceID] = []
        try protocols.read { namespace, value in
            seen.append(namespace)
            #expect(value(.tcpInuse) != nil && value(.raw6Inuse) != nil && value(.udpInuse) == nil)
        }
        #expect(wanted.isSubset(of: seen))
        #expect(Set(seen).count == seen.count)
    }

    /// The last namespace is not lost where all but it had room.
    @Test func roomForAllButOneIsTooLittle() throws {
        let namespace = try TestNamespace()
        let counters = TCPMetric.allCases.compactMap(\.mib)
        let layout = try MIBLayout(counters)
        var generous = try MIBPass()
        let count = try generous.read(counters, layout).namespaces.count
        // The newest stands last in the ring; other tests may make some meanwhile.
        for capacity in max(1, count - 3)...count + 3 {
            var pass = try MIBPass(capacity: capacity)
            #expect(try pass.read(counters, layout).namespaces.contains(NamespaceID(rawValue: namespace.inode)))
        }
    }
}
