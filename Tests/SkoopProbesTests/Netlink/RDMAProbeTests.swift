// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite struct RDMAProbeTests {
    /// The devices of a fixture, as netlink and files show them.
    private func devices(_ fixture: String, _ scrape: Scrape) throws -> [RDMADevice] {
        let replies = try ["get": 1, "res_get": 9, "stat_get": 17].map { (name, command) in
            (UInt16(command), try Fixtures.bytes("rdma/\(fixture)/netlink/\(name).bin"))
        }
        var transport = ReplayTransport { request in
            let command = request.bytes.span.integer(at: 4, as: UInt16.self).map { $0 & 0x3ff }
            // The statistics of device 0 were recorded.
            if command == 17, request.bytes.span.integer(at: 20, as: UInt32.self) != 0 { return nil }
            return replies.first { $0.0 == command }?.1
        }
        var requests = RDMARequests()
        return try RDMAProbe.read(&transport, &requests, files(fixture), scrape)
    }

    private func files(_ fixture: String) -> RDMAFiles { RDMAFiles(sys: Fixtures.path("rdma/\(fixture)/sys")) }

    private func scrape() -> Scrape { Scrape(number: 1, census: .test(node: .fixture)) }

    /// `name{labels}` with its value, of all families.
    private func series(_ families: [Family]) -> [String: UInt64] {
        var series: [String: UInt64] = [:]
        for family in families {
            for row in 0..<family.count {
                let key = "\(family.metric.name){\(family.labels(of: row).joined(separator: ","))}"
                #expect(series[key] == nil, "\(key) comes twice")
                series[key] = family.values[row]
            }
        }
        return series
    }

    /// iproute2's `rdma` showed the same moment.
    @Test func softDevicesAgreeWithRDMATool() throws {
        let scrape = scrape()
        let series = series(RDMAProbe.families(try devices("rxe", scrape)))
        func witness(_ name: String) throws -> [[String: Any]] {
            let data = Data(try Fixtures.bytes("rdma/rxe/witness/\(name).json"))
            return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        }
        var expected: [String: UInt64] = [:]
        for device in try witness("resource") {
            let name = try #require(device["ifname"] as? String)
            for case (let kind, let value as UInt64) in device where kind != "ifindex" {
                expected["kubeskoop_rdma_\(kind){\(name),unknown}"] = value
            }
        }
        for port in try witness("statistic") {
            let name = try #require(port["ifname"] as? String)
            for case (let counter, let value as UInt64) in port where counter != "port" {
                expected["skoop_rdma_port_statistic_total{\(name),rxe,1,\(counter)}"] = value
            }
        }
        #expect(expected.count == 2 * (7 + 15))
        #expect(series == expected)
        #expect(scrape.problems.all.isEmpty)
    }

    @Test(arguments: [("mlx5", 50, ["excessive_buffer_overrun_errors"]), ("erdma", 55, [])])
    func everyCounterHasItsName(_ driver: String, _ count: Int, _ others: [String]) throws {
        let scrape = scrape()
        let series = series(RDMAProbe.families(try devices(driver, scrape)))
        let names =
            driver == "mlx5" ? RDMAMlx5Metric.allCases.map(\.rawValue) : RDMAErdmaMetric.allCases.map(\.rawValue)
        #expect(names.count == count)
        var expected: [String: UInt64] = [:]
        let port = "rdma/\(driver)/sys/class/infiniband/\(driver)_0/ports/1/"
        for name in names + others {
            let text =
                try (try? Fixtures.text(port + "counters/" + name)) ?? Fixtures.text(port + "hw_counters/" + name)
            let key =
                others.contains(name)
                ? "skoop_rdma_port_statistic_total{\(driver)_0,\(driver),1,\(name)}"
                : "kubeskoop_rdma_\(driver)_\(name){\(driver)_0,\(driver),1}"
            expected[key] = UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        for metric in RDMAMetric.allCases {
            let key = "\(metric.metric.name){\(driver)_0,\(driver)}"
            expected[key] = series[key]
        }
        #expect(series == expected)
        #expect(Set(expected.values).count > count, "values differ")
        #expect(scrape.problems.all.isEmpty)
    }

    @Test(arguments: ["rxe", "mlx5", "erdma"])
    func filesAloneGiveTheSameCounters(_ fixture: String) throws {
        let scrape = scrape()
        let all = series(RDMAProbe.families(try devices(fixture, scrape)))
        let byFiles = series(RDMAProbe.families(try RDMAProbe.read(files(fixture), scrape)))
        let resources = RDMAMetric.allCases.map(\.metric.name)
        #expect(byFiles == all.filter { entry in !resources.contains { entry.key.hasPrefix($0 + "{") } })
        #expect(!byFiles.isEmpty)
    }

    @Test func aRenamedDeviceIsKnownByItsDriver() throws {
        let directory = try TemporaryDirectory()
        let device = "class/infiniband/rocep3s0/"
        try directory.write("7\n", to: device + "ports/1/counters/port_rcv_data")
        try directory.write("N/A (no PMA)\n", to: device + "ports/1/counters/symbol_error")
        try directory.write("x\n", to: device + "ports/1/counters/port_xmit_data")
        try directory.link(device + "device/driver", to: "../../../../bus/pci/drivers/mlx5_core")
        let scrape = scrape()
        let found = try RDMAProbe.read(RDMAFiles(sys: directory.path), scrape)
        #expect(series(RDMAProbe.families(found)) == ["kubeskoop_rdma_mlx5_port_rcv_data{rocep3s0,mlx5,1}": 7])
        #expect(scrape.problems.all == ["rdma-value": 1])
    }

    @Test(arguments: [
        ("irdma0", "", "unknown", "irdma"), ("bnxt_re0", "bnxt_re", "unknown", "bnxt_re"),
        ("mlx5_1", "", "mlx5", "mlx5"),
        ("hns_0", "hns3", "unknown", "hns3"), ("erdma_2", "erdma", "erdma", "erdma"), ("mlx4_0", "", "unknown", "mlx"),
    ])
    func typesAreThoseOfKubeSkoop(_ name: String, _ driver: String, _ type: String, _ kind: String) {
        var device = RDMADevice(index: 0, name: name, portCount: 1)
        device.driver = driver
        #expect(device.type == type)
        #expect(device.kind == kind)
    }

    @Test func aHostWithoutRDMASaysSo() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: ProbeError.self) {
            try RDMAProbe(ProbeEnvironment(host: .init(sys: directory.path)))
        }
        #expect(error?.reason == .missingSubsystem)
        #expect(error?.message == "no RDMA: \(directory.path)/class/infiniband does not exist")
    }
}
