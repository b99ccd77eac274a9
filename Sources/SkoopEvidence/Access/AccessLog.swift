// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopModel
import SkoopSystem

/// The access log of nginx or an ingress controller: optional evidence, added after all other.
public struct AccessLog: EvidenceSource {
    /// The format; nil to take the built-in one in which the first line can be read.
    public var format: AccessFormat?
    private let owner: EvidenceOwner

    /// It adds to the evidence of others.
    public var time: EvidenceTime { .added }

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - place: `[NAMESPACE/POD=]FILE`; `-` is standard input. Without a pod the log is that of the only pod in the
    ///     evidence, else of the node.
    ///   - format: see ``format``.
    public init(_ place: String, format: AccessFormat? = nil) {
        owner = EvidenceOwner(place)
        self.format = format
    }

    /// Sources of several logs in one format; see ``init(_:format:)`` and ``AccessFormat/init(_:)``.
    public static func sources(_ places: [String], format: String?) throws(EvidenceError) -> [any EvidenceSource] {
        let format = try format.map { (text) throws(EvidenceError) in try AccessFormat(text) }
        return places.map { AccessLog($0, format: format) }
    }

    /// Adds counters and histograms of the log's lines, at the times of the snapshots that are in the evidence already.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        let path = owner.path
        func failed(_ error: SystemError) -> EvidenceError { EvidenceError(path, error.description) }
        let lines: LineStream
        do throws(SystemError) { lines = try LineStream(path == "-" ? "/dev/stdin" : path) } catch {
            throw failed(error)
        }
        var reader = AccessReader(format)
        try lines.forEach(
            { (line) throws(EvidenceError) in if let line { reader.read(line) } else { reader.readOverlong() } },
            failed: failed)
        guard let range = reader.range else {
            throw EvidenceError(path, "\(reader.reading.emptiness("request")); allowed are \(AccessFormat.allowed)")
        }
        if let gap = reader.reading.gap { evidence.gaps.append("\(path): \(gap)") }
        if let others = evidence.range, !others.overlaps(range) {
            evidence.gaps.append("\(path): all of its requests are of another time than the other evidence")
        }
        let owner = owner.entity(in: evidence)
        evidence.overlay(reader.snapshots(of: owner.entity, on: owner.node))
        evidence.probes[AccessMetric.probe] = .running
    }
}
