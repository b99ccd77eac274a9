// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

/// Two namespaces of a test's own, joined by a veth pair whose ends are both called `eth0`, with IPv4 and IPv6.
struct VethNetwork: ~Copyable {
    let left: TestNamespace
    let right: TestNamespace

    static func make() throws -> VethNetwork {
        let network = VethNetwork(left: try TestNamespace(), right: try TestNamespace())
        try network.connect()
        return network
    }

    private func connect() throws {
        // From inside: older kernels look for a device of that name where the request comes from.
        try run(
            "ip", "-n", left.name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", right.name)
        for (name, number) in [(left.name, 1), (right.name, 2)] {
            try run("ip", "-n", name, "addr", "add", "10.77.0.\(number)/24", "dev", "eth0")
            try run("ip", "-n", name, "addr", "add", "fd77::\(number)/64", "dev", "eth0", "nodad")
            try run("ip", "-n", name, "link", "set", "eth0", "up")
        }
        // The kernel notices the carrier in its own time, and drops what is sent before.
        for name in [left.name, right.name] {
            let isUp = try eventually { try run("ip", "-n", name, "link", "show", "eth0").contains("state UP") }
            try #require(isUp)
        }
    }

    /// Sends datagrams of 500 bytes from left to right over both IP versions, to a port where nobody listens.
    func send(_ count: Int) throws {
        try left.run(
            "python3", "-c",
            """
            import socket
            for family, host in ((socket.AF_INET, "10.77.0.2"), (socket.AF_INET6, "fd77::2")):
                sender = socket.socket(family, socket.SOCK_DGRAM)
                for _ in range(\(count)):
                    sender.sendto(b"x" * 500, (host, 9))
            """)
    }

    /// A scrape that knows both, the left one as the entity 1, the right one as 2.
    func scrape(_ number: UInt64) throws -> Scrape {
        Scrape(
            number: number,
            census: try .live([NetworkNamespace(mountOf: left), NetworkNamespace(mountOf: right)]))
    }
}

/// Compares a value with what a witness says, both while nothing was counted in between.
///
/// - Parameters:
///   - witness: asked before and after `value`.
///   - value: what is tested.
func compareQuietly<Value: Equatable>(
    _ witness: () throws -> Value, _ value: () throws -> Value, location: SourceLocation = #_sourceLocation
) throws {
    var last: (Value, Value)?
    for _ in 0..<50 {
        let before = try witness()
        let seen = try value()
        last = (seen, before)
        if try witness() == before { break }
        last = nil
    }
    let (seen, expected) = try #require(last, "the namespace was never quiet", sourceLocation: location)
    #expect(seen == expected, sourceLocation: location)
}

extension Probe {
    /// The values of one collection by metric and entity.
    mutating func values(_ scrape: Scrape) throws -> [String: [Int32: UInt64]] {
        var values: [String: [Int32: UInt64]] = [:]
        for family in try collect(scrape) {
            #expect(values[family.metric.name] == nil, "\(family.metric.name) comes twice")
            values[family.metric.name] = [:]
            for (row, entity) in family.entities.enumerated() where family.metric.labels.extra.isEmpty {
                #expect(values[family.metric.name]?[entity] == nil, "\(family.metric.name) twice for \(entity)")
                values[family.metric.name]?[entity] = family.values[row]
            }
        }
        return values
    }
}
