// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

/// A probe that watches the hosts of a lab, which are entities of their own in the order given.
struct ProbeTrial<P: Probe>: ~Copyable {
    let collector = EventCollector()
    private(set) var probe: P
    private let hosts: [LabHost]
    private var number: UInt64 = 0

    /// Starts the probe.
    init(_ hosts: LabHost..., arguments: [String: ArgumentValue] = [:]) throws {
        try self.init(hosts, arguments: arguments)
    }

    /// Starts the probe.
    init(_ hosts: [LabHost], arguments: [String: ArgumentValue] = [:]) throws {
        self.hosts = hosts
        probe = try P(ProbeEnvironment(arguments: arguments, events: collector.outlet))
    }

    /// The families now; the first host has the index 1.
    mutating func collect() throws -> [Family] {
        number += 1
        let namespaces = hosts.map { NetworkNamespace(id: NamespaceID(rawValue: $0.inode), pid: $0.pid) }
        let scrape = Scrape(number: number, census: try .live(namespaces))
        let families = try probe.collect(scrape)
        #expect(scrape.problems.all.isEmpty)
        return families
    }

    /// The events of a host so far.
    func events(of host: LabHost) throws -> [ProbeEvent] {
        try collector.events().filter { $0.namespace.rawValue == host.inode }
    }

    /// The events of a host, once there are as many as wanted or a good while has passed.
    func events(of host: LabHost, atLeast count: Int) throws -> [ProbeEvent] {
        _ = try eventually { try events(of: host).count >= count }
        return try events(of: host)
    }
}

extension ProbeEvent {
    /// The value of a field by its name.
    subscript(field name: String) -> EventValue? {
        guard let position = type.fields.firstIndex(where: { $0.name == name }), position < values.count else {
            return nil
        }
        return values[position]
    }

    /// The nanoseconds of a field.
    func duration(_ name: String) -> UInt64? {
        if case .duration(let value)? = self[field: name] { value } else { nil }
    }

    /// The whole number of a field.
    func integer(_ name: String) -> Int64? { if case .integer(let value)? = self[field: name] { value } else { nil } }

    /// The text of a field.
    func string(_ name: String) -> String? { if case .string(let value)? = self[field: name] { value } else { nil } }
}
