// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopExport
import SkoopIdentity
import SkoopModel
import SkoopProbes

func bootTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

let node = NamespaceID(rawValue: 1)
let census = Census(
    inventory: HostInventory(nodeNamespace: node, namespaces: [], processes: []), entities: EntityTable(node: "here"),
    entityOfNamespace: [:], entityOfProcess: [])
let probe = try UptimeProbe(ProbeEnvironment())
let before = bootTime()
let families = try probe.collect(Scrape(number: 1, census: census))
let after = bootTime()

// The kernel's answer lies between two of the C library's, and this process lives in at least one namespace.
guard families[0].values[0] >= before, families[0].values[0] <= after, families[1].values[0] >= 1 else {
    print("the program read \(families.map(\.values)), not between \(before) and \(after)")
    exit(1)
}
var encoder = SnapshotEncoder()
encoder.begin(Snapshot(timestamp: 0, entities: census.entities, families: families), as: .prometheus)
while let page = encoder.next() { print(String(decoding: page, as: UTF8.self), terminator: "") }
