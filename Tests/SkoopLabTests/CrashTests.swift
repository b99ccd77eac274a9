// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopLab
import SkoopTesting
import Testing

extension MachineTests {
    @Test("a test that is killed leaves no process, namespace, device, group or setting behind")
    func killed() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            do { try Self.makeEverythingAndDie() } catch { print("failed: \(error)") }
            fflush(nil)
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("made ") }, "\(output)")
        let words = line.split(separator: " ").map(String.init)
        try #require(words.count == 8)
        for pid in words[1...4] {
            let isGone = eventually { kill(Int32(pid) ?? 0, 0) != 0 && errno == ESRCH }
            #expect(isGone, "\(pid)")
        }
        #expect(try eventually { try setting("net/netfilter/nf_conntrack_max") == words[6] + "\n" })
        #expect(try eventually { try text("/sys/block/\(words[5])/size") == "0\n" })
        let group = words[7]
        for directory in ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"] {
            #expect(eventually { !FileManager.default.fileExists(atPath: directory + group) })
        }
    }

    private static func makeEverythingAndDie() throws {
        let lab = try FaultLab(.bridged)
        let server = try TCPServer(in: lab.server, .v4, .stall)
        let connection = try lab.client.connect(to: server.endpoint)
        let program = try lab.server.start("sleep", "1000")
        let table = try lab.fillConntrack(.v6)
        let quota = try CPUQuota()
        try quota.add(process: program.pid)
        let disk = try SlowDisk()
        let rule = try lab.loseSYN(.v4, port: 80)
        let group = try String(contentsOfFile: "/proc/\(program.pid)/cgroup", encoding: .utf8)
            .split(separator: "\n").first { $0.contains("skoop-lab") }?.split(separator: ":").last
        let router = lab.middle
        let words = [
            "\(lab.client.pid)", "\(lab.server.pid)", "\(router?.pid ?? 0)", "\(program.pid)", disk.name,
            "\(table.limitBefore)", String(group ?? ""),
        ]
        print("made " + words.joined(separator: " "))
        fflush(nil)
        kill(getpid(), SIGKILL)
        // Nothing of it may go before.
        _ = (server.accepted, connection.local, table.limit, try rule.matched(), try quota.statistics())
    }
}
