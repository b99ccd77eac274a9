// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopModel

/// Pages of metrics that were saved as files, in the order in which they were served.
public struct ScrapeFiles: EvidenceSource {
    /// The files.
    public var paths: [String]
    /// The node's name, where no label says it.
    public var node: String
    /// How far apart the pages are, in nanoseconds, where the files' times do not say it.
    public var interval: UInt64

    /// Makes a source; see the properties for the meaning of each argument.
    public init(_ paths: [String], node: String = "", interval: UInt64 = 15_000_000_000) {
        self.paths = paths
        self.node = node
        self.interval = interval
    }

    /// Adds a snapshot for each page and node.
    ///
    /// A page was served when its file was written last. Where that is not in the order of the files - they were copied -
    /// the pages are taken to be ``interval`` apart, which is said in the gaps.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        var files: [WholeFile] = []
        for path in paths { files.append(try WholeFile(path)) }
        let isOrdered = zip(files, files.dropFirst()).allSatisfy { $0.changed < $1.changed }
        if !isOrdered, let last = files.map(\.changed).max() {
            for position in files.indices {
                files[position].changed = last - min(last, UInt64(files.count - 1 - position) * interval)
            }
            evidence.gaps.append(
                "the files' times are not those of the scrapes; \(interval / 1_000_000_000) s between two are assumed")
        }
        for (path, file) in zip(paths, files) {
            let page = MetricsPage(file.bytes, time: file.changed, node: node)
            guard page.reading.samples > 0 else {
                throw EvidenceError(path, page.reading.emptiness("metric"))
            }
            if let gap = page.reading.gap { evidence.gaps.append("\(path): \(gap)") }
            for snapshot in page.snapshots { evidence.add(snapshot) }
        }
        if files.count < 2 {
            evidence.gaps.append("one scrape alone shows levels only; what counters did takes two")
        }
    }
}

extension Reading {
    /// Why nothing was taken, where that is so.
    func emptiness(_ noun: String) -> String {
        if unknown > 0 {
            let names = unknownNames.prefix(3).joined(separator: ", ")
            return "no \(noun) that the catalogue knows among \(unknown), for example \(names)"
        }
        return problems.first.map { "no \(noun) in it; \($0)" } ?? "no \(noun) in it"
    }
}
