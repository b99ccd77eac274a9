// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopKubernetes

/// Times are in seconds here; the wall clock is a thousand seconds ahead of the monotonic one.
struct ClusterTableTests {
    private struct Trial {
        var table = ClusterTable()

        mutating func update(_ json: String, _ resource: ClusterResource = .pods, at time: UInt64) throws {
            table.update(
                try ClusterObject(parsing: Array(json.utf8)), of: resource, at: time * 1_000_000_000,
                wall: (time + 1000) * 1_000_000_000)
        }

        mutating func remove(_ name: String, _ resource: ClusterResource = .pods, at time: UInt64) throws {
            let object = try ClusterObject(parsing: Array(#"{"metadata":{"namespace":"shop","name":"\#(name)"}}"#.utf8))
            table.remove(object, of: resource, at: time * 1_000_000_000)
        }

        func who(_ address: String, at time: UInt64? = nil) throws -> Peer {
            table.peer(of: try #require(IPAddress(address)), at: time.map { $0 * 1_000_000_000 })
        }
    }

    /// - Parameter start: by the wall clock, counted from 1970-01-01T00:00:00Z.
    private static func pod(
        _ name: String, _ addresses: String..., phase: String = "Running", host: Bool = false, start: Int = 1000
    ) -> String {
        let (minutes, seconds) = (start / 60, start % 60)
        let time = "1970-01-01T00:\(minutes < 10 ? "0" : "")\(minutes):\(seconds < 10 ? "0" : "")\(seconds)Z"
        let ips = addresses.map { #"{"ip":"\#($0)"}"# }.joined(separator: ",")
        return #"""
            {"metadata":{"namespace":"shop","name":"\#(name)"},"spec":{"hostNetwork":\#(host)},
            "status":{"phase":"\#(phase)","startTime":"\#(time)","podIPs":[\#(ips)]}}
            """#
    }

    private static func named(_ name: String) -> Peer { Peer(kind: .pod, namespace: "shop", pod: name) }
    private static let node = Peer(kind: .node, node: "n")
    private static let service = Peer(service: "web", namespace: "shop")

    @Test func knowsBothAddressesOfAPod() throws {
        var trial = Trial()
        try trial.update(Self.pod("a", "10.0.0.1", "fd00::1"), at: 10)
        for address in ["10.0.0.1", "fd00::1", "::ffff:10.0.0.1"] {
            #expect(try trial.who(address) == Self.named("a"))
            #expect(try trial.who(address, at: 5) == Self.named("a"))
        }
        #expect(try trial.who("10.0.0.2") == .unknown)
        #expect(trial.table.count(of: .pods) == 1 && trial.table.addresses == 2)
    }

    /// A pod's address goes to the next pod: what happened before is the first one's, and in between nobody's.
    @Test func followsAnAddressInTime() throws {
        var trial = Trial()
        try trial.update(Self.pod("old", "10.0.0.1", start: 1010), at: 12)
        #expect(try trial.who("10.0.0.1", at: 9) == .unknown)
        #expect(try trial.who("10.0.0.1", at: 10) == Self.named("old"))
        try trial.remove("old", at: 30)
        #expect(try trial.who("10.0.0.1") == .unknown)
        #expect(try trial.who("10.0.0.1", at: 29) == Self.named("old"))
        #expect(try trial.who("10.0.0.1", at: 31) == .unknown)
        // It began before the server said that the other one is gone.
        try trial.update(Self.pod("new", "10.0.0.1", start: 1028), at: 32)
        #expect(try trial.who("10.0.0.1", at: 27) == Self.named("old"))
        #expect(try trial.who("10.0.0.1", at: 29) == .unknown)
        #expect(try trial.who("10.0.0.1", at: 31) == Self.named("new"))
        #expect(try trial.who("10.0.0.1") == Self.named("new"))
        // The past is forgotten.
        try trial.update(Self.pod("other", "10.0.0.2", start: 1100), at: 91)
        #expect(try trial.who("10.0.0.1", at: 27) == .unknown)
        #expect(try trial.who("10.0.0.1") == Self.named("new"))
    }

    @Test func aFinishedPodHasNoAddress() throws {
        var trial = Trial()
        try trial.update(Self.pod("job", "10.0.0.1"), at: 10)
        try trial.update(Self.pod("job", "10.0.0.1", phase: "Succeeded"), at: 20)
        try trial.update(Self.pod("failed", "10.0.0.2", phase: "Failed"), at: 20)
        #expect(try trial.who("10.0.0.1") == .unknown && trial.who("10.0.0.1", at: 15) == Self.named("job"))
        #expect(try trial.who("10.0.0.2") == .unknown)
        // Its object may stay for days, while another pod has the address.
        try trial.update(Self.pod("next", "10.0.0.1", start: 1025), at: 26)
        try trial.update(Self.pod("job", "10.0.0.1", phase: "Succeeded"), at: 30)
        #expect(try trial.who("10.0.0.1") == Self.named("next"))
        #expect(trial.table.count(of: .pods) == 3)
    }

    @Test func aPodGetsItsAddressLater() throws {
        var trial = Trial()
        try trial.update(Self.pod("a", phase: "Pending", start: 1010), at: 11)
        try trial.update(Self.pod("a", "10.0.0.1", start: 1010), at: 14)
        // It has spoken before the server said so.
        #expect(try trial.who("10.0.0.1", at: 12) == Self.named("a"))
        // A new sandbox, another address.
        try trial.update(Self.pod("a", "10.0.0.9", start: 1010), at: 40)
        #expect(try trial.who("10.0.0.1") == .unknown && trial.who("10.0.0.9") == Self.named("a"))
        #expect(try trial.who("10.0.0.9", at: 13) == .unknown)
    }

    @Test func hostNetworkPodsDoNotOwnTheNodesAddress() throws {
        var trial = Trial()
        try trial.update(
            #"""
            {"metadata":{"name":"n","annotations":{"projectcalico.org/IPv4VXLANTunnelAddr":"10.9.0.1"}},"status":{"addresses":
            [{"type":"InternalIP","address":"192.0.2.1"},{"type":"ExternalIP","address":"2001:db8::1"}]}}
            """#, .nodes, at: 10)
        try trial.update(Self.pod("proxy", "192.0.2.1", host: true), at: 10)
        for address in ["192.0.2.1", "2001:db8::1", "10.9.0.1"] { #expect(try trial.who(address) == Self.node) }
    }

    @Test func knowsServicesAndWhatIsBehindThem() throws {
        var trial = Trial()
        try trial.update(
            #"""
            {"metadata":{"namespace":"shop","name":"web"},"spec":{"clusterIPs":["10.96.0.1","fd01::1"],"externalIPs":
            ["192.0.2.1","198.51.100.1"]}}
            """#, .services, at: 10)
        try trial.update(
            #"{"metadata":{"name":"n"},"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.1"}]}}"#, .nodes,
            at: 10)
        func slice(_ name: String, _ service: String, _ addresses: String) -> String {
            #"""
            {"metadata":{"namespace":"shop","name":"\#(name)","labels":{"kubernetes.io/service-name":"\#(service)"}},
            "endpoints":[{"addresses":[\#(addresses)]}]}
            """#
        }
        try trial.update(slice("web-1", "web", #""10.0.0.1","203.0.113.5""#), .endpointSlices, at: 10)
        try trial.update(slice("web-2", "web", #""203.0.113.5""#), .endpointSlices, at: 10)
        try trial.update(slice("db-1", "db", #""10.0.0.1""#), .endpointSlices, at: 10)
        try trial.update(Self.pod("a", "10.0.0.1"), at: 10)
        for address in ["10.96.0.1", "fd01::1", "198.51.100.1"] { #expect(try trial.who(address) == Self.service) }
        // Some load balancers have the addresses of nodes.
        #expect(try trial.who("192.0.2.1") == Self.node)
        // What is behind a service and no pod is called by the service, a pod is a pod.
        #expect(try trial.who("203.0.113.5") == Self.service)
        #expect(try trial.who("10.0.0.1") == Self.named("a"))
        let address = try #require(IPAddress("10.0.0.1"))
        #expect(trial.table.services(behind: address) == [Peer(service: "db", namespace: "shop"), Self.service])
        // One of two slices that have it.
        try trial.remove("web-2", .endpointSlices, at: 20)
        #expect(try trial.who("203.0.113.5") == Self.service)
        try trial.update(slice("web-1", "web", #""10.0.0.1""#), .endpointSlices, at: 21)
        #expect(try trial.who("203.0.113.5") == .unknown)
        try trial.remove("db-1", .endpointSlices, at: 22)
        #expect(trial.table.services(behind: address) == [Self.service])
    }

    @Test func whatTwoClaimIsNobodys() throws {
        var trial = Trial()
        try trial.update(Self.pod("a", "10.0.0.1"), at: 10)
        try trial.update(Self.pod("b", "10.0.0.1"), at: 10)
        #expect(try trial.who("10.0.0.1") == .unknown)
        try trial.remove("b", at: 20)
        #expect(try trial.who("10.0.0.1") == Self.named("a"))
    }

    @Test func aListSaysWhatIsGone() throws {
        var trial = Trial()
        for (number, name) in ["a", "b", "c"].enumerated() {
            try trial.update(Self.pod(name, "10.0.0.\(number)"), at: 10)
        }
        try trial.update(#"{"metadata":{"name":"n"}}"#, .nodes, at: 10)
        trial.table.beginList(of: .pods)
        try trial.update(Self.pod("a", "10.0.0.0"), at: 500)
        try trial.update(Self.pod("c", "10.0.0.9"), at: 500)
        // Until the list is whole nobody is forgotten.
        #expect(try trial.who("10.0.0.1") == Self.named("b"))
        trial.table.endList(of: .pods, at: 501_000_000_000)
        #expect(try trial.who("10.0.0.0") == Self.named("a") && trial.who("10.0.0.9") == Self.named("c"))
        #expect(try trial.who("10.0.0.1") == .unknown && trial.who("10.0.0.2") == .unknown)
        #expect(try trial.who("10.0.0.1", at: 400) == Self.named("b"))
        // When it changed hands in the meantime is not known.
        #expect(try trial.who("10.0.0.9", at: 300) == Self.named("c") && trial.who("10.0.0.9", at: 9) == .unknown)
        #expect(trial.table.count(of: .pods) == 2 && trial.table.count(of: .nodes) == 1)
    }

    @Test func thereIsAnEndToThePast() throws {
        var trial = Trial()
        let count = ClusterTable.longestPast + 100
        for number in 0..<count {
            let address = IPAddress(v4: 0x0a00_0000 + UInt32(number)).description
            try trial.update(Self.pod("p", address), at: 10)
        }
        #expect(trial.table.addresses <= ClusterTable.longestPast + 2 && trial.table.count(of: .pods) == 1)
    }

    /// Whatever comes and goes, the table knows what a plain search among all objects finds.
    @Test func agreesWithAPlainSearch() throws {
        var random = SeededGenerator()
        var trial = Trial()
        var present: [String: (addresses: Set<Int>, phase: String)] = [:]
        for step in 0..<3000 as Range<UInt64> {
            let name = "p\(Int.random(in: 0..<30, using: &random))"
            if Int.random(in: 0..<4, using: &random) == 0 {
                present[name] = nil
                try trial.remove(name, at: step)
            } else {
                let numbers = Set(
                    (0..<Int.random(in: 0...2, using: &random)).map { _ in Int.random(in: 0..<40, using: &random) })
                let phase = Int.random(in: 0..<5, using: &random) == 0 ? "Failed" : "Running"
                present[name] = (numbers, phase)
                let ips = numbers.map { #"{"ip":"10.0.0.\#($0)"}"# }.joined(separator: ",")
                try trial.update(
                    #"{"metadata":{"namespace":"shop","name":"\#(name)"},"status":{"phase":"\#(phase)","podIPs":[\#(ips)]}}"#,
                    at: step)
            }
            for number in 0..<40 where Int.random(in: 0..<8, using: &random) == 0 {
                let owners = present.filter { $0.value.phase == "Running" && $0.value.addresses.contains(number) }.map(
                    \.key)
                let expected = owners.count == 1 ? Self.named(owners[0]) : .unknown
                #expect(try trial.who("10.0.0.\(number)") == expected, "step \(step), \(number): \(owners)")
            }
        }
        for name in present.keys { try trial.remove(name, at: 3000) }
        try trial.remove("none", at: 4000)
        #expect(trial.table.addresses == 0 && trial.table.count(of: .pods) == 0)
    }
}
