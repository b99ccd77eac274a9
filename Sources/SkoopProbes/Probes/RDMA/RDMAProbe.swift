// SPDX-License-Identifier: Apache-2.0
public import SkoopModel
internal import SkoopSystem

/// RDMA devices of the node: resources in use, and the counters of every port.
///
/// Counters of mlx5 and erdma devices that KubeSkoop knows have its names; all others, whatever the driver, are
/// `skoop_rdma_port_statistic_total` with the counter's name as a label, so that none is lost.
///
/// Netlink tells resources and the drivers' counters, files the port counters of InfiniBand. Where netlink does not
/// answer, files give all counters; resources they do not show.
public struct RDMAProbe: Probe {
    /// Netlink and files first, files alone otherwise.
    public static let definition = ProbeDefinition(
        RDMAMetric.self, RDMAMlx5Metric.self, RDMAErdmaMetric.self, RDMAExtraMetric.self, sources: [.netlink, .sysfs])

    /// The source in use.
    public let source: SourceChoice
    private let files: RDMAFiles
    private var requests = RDMARequests()

    /// Chooses the source.
    ///
    /// - Throws: `missingSubsystem` where the kernel has no RDMA or its module is not loaded; opening the socket alone would
    ///   load it, which is not for an observer to do.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        files = RDMAFiles(sys: environment.host.sys)
        guard files.isPresent else {
            throw ProbeError(.missingSubsystem, "no RDMA: \(files.path) does not exist")
        }
        var requests = RDMARequests()
        source = try environment.choose(.netlink, orElse: .sysfs) { () throws(ProbeError) in
            do throws(SystemError) {
                var socket = try NetlinkSocket(.rdma, options: .explainedErrors)
                _ = try requests.read(&socket)
            } catch {
                throw ProbeError(netlink: error)
            }
        }
    }

    /// Reads all devices.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        do throws(SystemError) {
            guard source.source == .netlink else { return Self.families(try Self.read(files, scrape)) }
            var socket = try NetlinkSocket(.rdma)
            return Self.families(try Self.read(&socket, &requests, files, scrape))
        } catch {
            throw ProbeError(netlink: error)
        }
    }

    /// The devices by netlink, the port counters by files.
    static func read(
        _ transport: inout some NetlinkTransport & ~Copyable, _ requests: inout RDMARequests, _ files: RDMAFiles,
        _ scrape: Scrape
    ) throws(SystemError) -> [RDMADevice] {
        var reply = try requests.read(&transport)
        if reply.refusal != nil { scrape.problems.record("rdma-request") }
        for place in reply.devices.indices {
            // Drivers' counters are in both where netlink has none of them, before 5.3.
            let directories = reply.devices[place].counters.isEmpty ? ["counters", "hw_counters"] : ["counters"]
            reply.malformed += files.complete(&reply.devices[place], from: directories)
        }
        if reply.malformed > 0 { scrape.problems.record("rdma-value", count: UInt64(reply.malformed)) }
        return reply.devices
    }

    /// The devices by files alone.
    static func read(_ files: RDMAFiles, _ scrape: Scrape) throws(SystemError) -> [RDMADevice] {
        var devices = try files.devices()
        var malformed = 0
        for place in devices.indices {
            malformed += files.complete(&devices[place], from: ["counters", "hw_counters"])
        }
        if malformed > 0 { scrape.problems.record("rdma-value", count: UInt64(malformed)) }
        return devices
    }

    static func families(_ devices: [RDMADevice]) -> [Family] {
        var resources = RDMAMetric.allCases.map { Family($0.metric) }
        var counters: [String: Family] = [:]
        for set in [RDMAMlx5Metric.metrics, RDMAErdmaMetric.metrics] {
            for metric in set { counters[metric.name] = Family(metric) }
        }
        var others = Family(RDMAExtraMetric.counter.metric)
        for device in devices {
            for (place, metric) in RDMAMetric.allCases.enumerated() {
                guard let value = device.resources[metric.rawValue] else { continue }
                resources[place].append(value, labels: [device.name, device.type])
            }
            for counter in device.counters {
                let port = "\(counter.port)"
                let name = "kubeskoop_rdma_\(device.type)_\(counter.name)"
                if counters[name]?.append(counter.value, labels: [device.name, device.type, port]) == nil {
                    others.append(counter.value, labels: [device.name, device.kind, port, counter.name])
                }
            }
        }
        let named = (RDMAMlx5Metric.metrics + RDMAErdmaMetric.metrics).compactMap { counters[$0.name] }
        return (resources + named + [others]).filter { $0.count > 0 }
    }
}
