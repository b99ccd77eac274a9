// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// What a page of metrics in Prometheus' text format 0.0.4 or in OpenMetrics says, as far as the catalogue knows it.
///
/// Names are those of this package, of KubeSkoop, and the older spellings that the catalogue knows. Types on the page
/// do not matter: KubeSkoop calls counters gauges. Lines that cannot be read cost themselves only.
public struct MetricsPage: Sendable {
    /// One snapshot for each node that the page speaks of.
    public private(set) var snapshots: [Snapshot] = []
    /// What was read and what was not.
    public private(set) var reading = Reading()

    /// Reads a page.
    ///
    /// - Parameters:
    ///   - bytes: the page.
    ///   - time: when it was served, in nanoseconds since 1970; times of samples do not matter beside it.
    ///   - node: the node's name, where no label says it.
    public init(_ bytes: some Collection<UInt8>, time: UInt64, node: String = "") {
        var assembler = SnapshotAssembler()
        let bytes = Array(bytes)
        var number = 0
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            number += 1
            let line = line.last == 0x0d ? line.dropLast() : line
            let start = line.first { $0 != 0x20 && $0 != 0x09 }
            guard let start, start != UInt8(ascii: "#") else { continue }
            do throws(ExpositionLine.Mistake) {
                try read(ExpositionLine(line), into: &assembler)
            } catch { reading.add(problem: error.message, line: number) }
        }
        if assembler.isEmpty, reading.samples == 0, reading.problemCount == 0 {
            reading.add(problem: "there is no sample", line: number)
        }
        snapshots = assembler.snapshots(timestamp: time, node: node)
    }

    private mutating func read(
        _ line: ExpositionLine, into assembler: inout SnapshotAssembler
    ) throws(ExpositionLine.Mistake) {
        guard let series = SeriesIdentity(name: line.name, labels: line.labels) else {
            guard Double(String(decoding: line.value, as: UTF8.self)) != nil else {
                throw ExpositionLine.Mistake(message: "the value of \(line.name) is no number")
            }
            reading.addUnknown(line.name)
            return
        }
        guard let value = StoredNumber.parse(line.value, decimals: series.decimals) else {
            let text = String(decoding: line.value.prefix(40), as: UTF8.self)
            throw ExpositionLine.Mistake(message: "the value of \(line.name) is no count or level: '\(text)'")
        }
        guard assembler.add(series, value) else {
            throw ExpositionLine.Mistake(message: "the series \(line.name) with these labels comes twice")
        }
        reading.samples += 1
    }
}
