// SPDX-License-Identifier: Apache-2.0
public import SkoopExport
public import SkoopKubernetes
import SkoopModel
import SkoopProbes
public import SkoopSystem

/// One look at this host: `skoop snapshot`.
public struct LocalSnapshot: Sendable {
    /// The probes to run.
    public var probes: [String]
    /// The node's name; nil for the host's.
    public var node: String?
    /// Which container runtime is asked for its pods; nil for none. It has three seconds.
    public var runtime: RuntimePods.Settings?

    /// Makes a look.
    ///
    /// - Parameters:
    ///   - probes: the probes to run, which must be known; none for the agent's default ones.
    ///   - node: the node's name; nil for the host's.
    ///   - runtime: which container runtime is asked for its pods; nil for none.
    public init(
        _ probes: [String] = [], node: String? = nil, runtime: RuntimePods.Settings? = Configuration().runtime
    ) {
        self.probes = probes.isEmpty ? ProbeRegistry.defaultNames : probes
        self.node = node
        self.runtime = runtime
    }

    /// Looks, and writes what there is.
    ///
    /// - Parameters:
    ///   - format: how it is written.
    ///   - log: takes a line for each probe that does not run, and for what could not be read.
    ///   - body: takes the page in pieces.
    public func write(
        as format: ExpositionFormat, log: (String) -> Void, _ body: (ArraySlice<UInt8>) throws(SystemError) -> Void
    ) throws {
        let pods = RuntimePods(runtime)
        try pods.start {}
        defer { pods.stop() }
        // It is asked while the probes are prepared.
        var reader = SnapshotReader(probes: probes, node: node ?? Host.nodeName, providers: pods.chain)
        pods.waitUntilAsked(for: RuntimePods.patience)
        let snapshot = try reader.read()
        if let complaint = pods.complaint { log(complaint) }
        for (probe, error) in reader.failures.sorted(by: { $0.key < $1.key }) {
            log("probe \(probe) does not run: \(error.reason.rawValue): \(error.message)")
        }
        for (cause, count) in reader.problems.sorted(by: { $0.key < $1.key }) {
            log("\(counted(count, "value")) could not be read: \(cause)")
        }
        var encoder = SnapshotEncoder()
        try encoder.encode(snapshot, as: format) { (chunk) throws(SystemError) in try body(chunk) }
    }
}
