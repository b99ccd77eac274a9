// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct NamespaceFilesTests {
    /// An open file below `/proc/<pid>/net`, or a thread left inside, would keep a pod's namespace and its devices alive.
    @Test func nothingHoldsANamespaceAfterItWasRead() throws {
        let observer = try TestNamespace()
        do {
            let lived = try TestNamespace()
            let mounted = try TestNamespace()
            for (device, name) in [("v0", lived.name), ("v1", mounted.name)] {
                try observer.run("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", name)
            }
            let sleeper = try lived.start("sleep", "1000")
            let pid = sleeper.pid
            let scrape = Scrape(
                number: 1,
                census: try .live([
                    NetworkNamespace(id: NamespaceID(rawValue: lived.inode), pid: pid),
                    NetworkNamespace(mountOf: mounted),
                ]))
            let counters = TCPMetric.allCases.compactMap(\.mib) + IP6Metric.allCases.compactMap(\.mib)
            let table = ProcMIBReader(counters).read(scrape)
            let sockets = ProcTCPReader().read(scrape)
            var sockstat = try SockstatProbe(ProbeEnvironment())
            let families = try sockstat.collect(scrape)
            #expect(table.namespaces.count == 3 && sockets.count == 3)
            #expect(families.rows(SockstatMetric.socketsUsed) == 3)
        }
        // A veth device goes when the namespace of its peer does.
        #expect(try eventually { try observer.run("ip", "-br", "link", "show", "type", "veth").isEmpty })
    }
}
