// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite struct ProcDeviceReaderTests {
    private static let header = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed

        """

    /// A line of `net/dev` whose columns count up from `first`.
    private func line(_ name: String, _ first: Int) -> String {
        "\(name): " + (0..<16).map { "\(first + $0)" }.joined(separator: " ") + "\n"
    }

    /// Reads a tree with one process, in it the files given.
    ///
    /// - Returns: the names of the devices that count, and the reading.
    private func read(
        _ devices: [String], files: [String: String] = [:], sys: [String: String] = [:], isNode: Bool = false
    ) throws -> (counted: [String], reading: DeviceReading, problems: [String: UInt64]) {
        let directory = try TemporaryDirectory()
        try directory.link("7/ns/net", to: "net:[4242]")
        let lines = devices.enumerated().map { line($1, 100 * $0) }.joined()
        try directory.write(Self.header + lines, to: "7/net/dev")
        for (name, content) in files { try directory.write(content, to: "7/net/" + name) }
        for (name, content) in sys { try directory.write(content, to: "sys/class/net/" + name) }
        let namespace = NetworkNamespace(id: NamespaceID(rawValue: 4242), pid: 7)
        let other = NetworkNamespace(id: NamespaceID(rawValue: 1))
        let scrape = Scrape(number: 1, census: isNode ? .test(node: namespace) : .test(node: other, [namespace]))
        let host = ProbeEnvironment.HostPaths(proc: directory.path, sys: directory.path + "/sys")
        let reading = try ProcDeviceReader(host: host).read(scrape)
        return (reading.devices.filter(\.isCounted).map(\.name), reading, scrape.problems.all)
    }

    @Test func columnsAreThoseOfTheFile() throws {
        let (counted, reading, problems) = try read(["lo", "eth0"])
        #expect(counted == ["eth0"])
        #expect(reading.devices.map(\.isListed) == [false, true])
        #expect(reading.counters.suffix(8) == [100, 102, 101, 103, 108, 110, 109, 111])
        #expect(problems.isEmpty)
    }

    @Test func vlansAndBondsAreKnownByTheirFiles() throws {
        let (counted, _, _) = try read(
            ["lo", "eth0", "eth1", "bond0", "bond0.5"],
            files: [
                "vlan/config":
                    "VLAN Dev name    | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\nbond0.5        | 5  | bond0\n",
                "bonding/bond0":
                    "Bonding Mode: active-backup\n\nSlave Interface: eth0\nMII Status: up\n\nSlave Interface: eth1\n",
            ])
        #expect(counted == ["eth0", "eth1"])
    }

    @Test func theNodesHardwareIsKnownBySys() throws {
        let (counted, reading, _) = try read(
            ["lo", "eth0", "bond0", "cni0", "veth7", "eth0.9"],
            sys: [
                "eth0/device/vendor": "0x1af4\n", "eth0/ifindex": "2\n", "eth0/iflink": "2\n",
                "eth0/master/ifindex": "3\n",
                "bond0/ifindex": "3\n", "bond0/iflink": "3\n", "cni0/ifindex": "4\n", "cni0/iflink": "4\n",
                "veth7/ifindex": "9\n", "veth7/iflink": "2\n", "veth7/master/ifindex": "4\n",
                "eth0.9/ifindex": "11\n", "eth0.9/iflink": "2\n", "eth0.9/lower_eth0/ifindex": "2\n",
            ], isNode: true)
        #expect(counted == ["eth0"])
        #expect(reading.devices.filter(\.isListed).map(\.name) == ["eth0", "bond0", "cni0", "eth0.9"])
    }

    @Test func aNodeWithoutHardwareCountsItsDefaultRoutes() throws {
        let routes = """
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
            eth0\t00000000\t0100040A\t0003\t0\t0\t0\t00000000\t0\t0\t0
            eth1\t0000040A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
            eth2\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0

            """
        let zero = String(repeating: "0", count: 32)
        let routes6 = """
            \(zero) 00 \(zero) 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth3
            fe800000000000000000000000000000 40 \(zero) 00 \(zero) 00000100 00000001 00000000 00000001     eth1
            \(zero) 00 \(zero) 00 \(zero) ffffffff 00000001 00000000 00200200       lo

            """
        let devices = ["lo", "eth0", "eth1", "eth2", "eth3"]
        #expect(try read(devices, files: ["route": routes], isNode: true).counted == ["eth0"])
        let both = try read(devices, files: ["route": routes, "ipv6_route": routes6], isNode: true)
        #expect(both.counted == ["eth0", "eth3"])
        #expect(try read(devices, isNode: true).counted == ["eth0", "eth1", "eth2", "eth3"])
    }

    @Test(arguments: ["x\n", "eth9: 1 2 3\n", "eth9: 1 2 x 4 5 6 7 8 9 10 11 12 13 14 15 16\n", ": 1\n", "\n"])
    func aDamagedLineIsLostAlone(line damaged: String) throws {
        var names: [String] = []
        var counters: [UInt64] = []
        let text = Self.header + damaged + line("eth0", 1)
        #expect(ProcDeviceReader.parse(Array(text.utf8).span, names: &names, counters: &counters) == 1)
        #expect(names == ["eth0"])
        #expect(counters == [1, 3, 2, 4, 9, 11, 10, 12])
    }
}

@Suite struct SourceChoiceTests {
    private let refusal = ProbeError(.missingPrivilege, "setns: operation not permitted")

    @Test func theFallbackStatesWhy() throws {
        let environment = ProbeEnvironment()
        #expect(try environment.choose(.netlink, orElse: .procfs) {} == SourceChoice(.netlink))
        let choice = try environment.choose(.netlink, orElse: .procfs) { () throws(ProbeError) in throw refusal }
        #expect(choice == SourceChoice(.procfs, reason: "setns: operation not permitted"))
    }

    @Test func theConfigurationDecides() throws {
        let files = ProbeEnvironment(requiredSource: .procfs)
        let choice = try files.choose(.netlink, orElse: .procfs) { () throws(ProbeError) in throw refusal }
        #expect(choice == .configured(.procfs))
        let netlink = ProbeEnvironment(requiredSource: .netlink)
        #expect(throws: refusal) {
            try netlink.choose(.netlink, orElse: .procfs) { () throws(ProbeError) in throw refusal }
        }
    }
}
