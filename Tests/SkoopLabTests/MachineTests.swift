// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopLab
import SkoopSystem
import SkoopTesting
import Testing

/// What concerns the whole machine, one after the other.
@Suite("fault lab: the whole machine", .requiresRoot, .serialized)
struct MachineTests {
    func setting(_ name: String) throws -> String { try text("/proc/sys/" + name) }
    func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("the table of connections is full", arguments: IPFamily.allCases)
    func conntrack(_ family: IPFamily) throws {
        let name = "net/netfilter/nf_conntrack_max"
        let lab = try FaultLab()
        let before: Int
        do {
            let table = try lab.fillConntrack(family)
            before = table.limitBefore
            #expect(before > table.limit)
            #expect(try table.drops() == 0)
            #expect(try setting(name) == "\(table.limit)\n")
            for attempt in 1...3 {
                #expect(try table.attempt().errno == EINPROGRESS)
                #expect(try table.drops() == attempt)
            }
        }
        // Somebody else's test may have lowered it meanwhile.
        #expect(try eventually { try setting(name) == "\(before)\n" })
        let server = try TCPServer(in: lab.server, family, .echo)
        #expect(try lab.client.tryToConnect(to: server.endpoint).errno == 0)
    }

    @Test("the receive backlog overflows", arguments: IPFamily.allCases)
    func backlog(_ family: IPFamily) throws {
        let name = "net/core/netdev_max_backlog"
        let before = try setting(name)
        let dropped = try softnet(1)
        let lab = try FaultLab()
        let burst = try lab.overflowBacklog(family, limit: 10, count: 64)
        #expect(burst.lost == 53)
        #expect(try softnet(1) - dropped >= burst.lost)
        #expect(try eventually { try setting(name) == before })
        #expect(try lab.overflowBacklog(family, limit: 1000, count: 64).lost == 0)
    }

    private func softnet(_ column: Int) throws -> Int {
        try text("/proc/net/softnet_stat").split(separator: "\n").reduce(0) {
            $0 + (Int($1.split(separator: " ")[column], radix: 16) ?? 0)
        }
    }

    @Test("softirqs are kept busy", arguments: IPFamily.allCases)
    func softirqs(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let processors = ProcessInfo.processInfo.processorCount
        let before = try softnet(9)
        try lab.server.steerReceiving(to: "1")
        let pressure = try lab.pressSoftirqs(family, threads: processors)
        let name = family == .v4 ? "Udp.RcvbufErrors" : "Udp6RcvbufErrors"
        #expect(try eventually { try lab.server.counters()[name] > 1000 })
        #expect(pressure.sent > 1000)
        // Another processor was told to receive.
        #expect(try processors == 1 || eventually { try softnet(9) > before })
    }

    @Test("processor time is limited")
    func quota() throws {
        let lab = try FaultLab()
        let quota = try CPUQuota(.milliseconds(5), every: .milliseconds(50))
        let program = try lab.server.start("sh", "-c", "while :; do :; done")
        #expect(try quota.statistics().throttledPeriods == 0)
        try quota.add(process: program.pid)
        #expect(try eventually { try quota.statistics().throttledPeriods >= 3 })

        guard quota.takesThreads else {
            #expect(throws: LabError.self) { try quota.enter() }
            return
        }
        let server = try TCPServer(
            in: lab.server, .v4,
            TCPService { connection in
                try quota.enter()
                let end = MonotonicTime.now + .milliseconds(200)
                while MonotonicTime.now < end {}
                try connection.send(count: 1)
            })
        let throttled = try quota.statistics().throttledPeriods
        let connection = try lab.client.connect(to: server.endpoint)
        #expect(try connection.receive(exactly: 1).count == 1)
        #expect(try quota.statistics().throttledPeriods > throttled)
    }

    @Test("a disk is slow")
    func disk() throws {
        let name: String
        do {
            let disk = try SlowDisk(writesPerSecond: 20)
            name = disk.name
            let before = try statistics(name)
            let writes = try disk.write(10)
            let after = try statistics(name)
            #expect(writes.duration >= .milliseconds(300))
            #expect(after[4] - before[4] == 10)
            // Milliseconds that the writes took, summed.
            #expect(after[7] - before[7] >= 300)
        }
        #expect(try eventually { try text("/sys/block/\(name)/size") != "32768\n" })
    }

    private func statistics(_ device: String) throws -> [Int] {
        try text("/sys/block/\(device)/stat").split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    }
}
