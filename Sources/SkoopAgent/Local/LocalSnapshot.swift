// SPDX-License-Identifier: Apache-2.0
public import SkoopExport
import SkoopModel
import SkoopProbes
public import SkoopSystem

/// One look at this host: `skoop snapshot`.
public struct LocalSnapshot: Sendable {
    /// The probes to run.
    public var probes: [String]
    /// The node's name; nil for the host's.
    public var node: String?

    /// Makes a look.
    ///
    /// - Parameters:
    ///   - probes: the probes to run, which must be known; none for the agent's default ones.
    ///   - node: the node's name; nil for the host's.
    public init(_ probes: [String] = [], node: String? = nil) {
        self.probes = probes.isEmpty ? ProbeRegistry.defaultNames : probes
        self.node = node
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
        var reader = node.map { SnapshotReader(probes: probes, node: $0) } ?? SnapshotReader(probes: probes)
        let snapshot = try reader.read()
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
