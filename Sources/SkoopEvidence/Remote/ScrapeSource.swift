// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopModel
import SkoopSystem

/// The page `/metrics` of a running agent or of KubeSkoop, read several times.
public struct ScrapeSource<Fetcher: PageFetcher>: EvidenceSource {
    /// Gets the page.
    public var fetcher: Fetcher
    /// Path and query of the page.
    public var path: String
    /// For how long.
    public var duration: Duration
    /// How far apart two readings are.
    public var interval: Duration
    /// Is told now and then how much of the time has gone by, from 0 to 1.
    public var progress: (@Sendable (Double) -> Void)?

    /// It tells of what happens while it is read.
    public var time: EvidenceTime { .live }

    /// Makes a source; see the properties for the meaning of each argument.
    public init(
        _ fetcher: Fetcher, path: String = "/metrics", for duration: Duration, every interval: Duration,
        progress: (@Sendable (Double) -> Void)? = nil
    ) {
        self.fetcher = fetcher
        self.path = path
        self.duration = duration
        self.interval = interval
        self.progress = progress
    }

    /// Reads the page again and again, and adds a snapshot each time; a reading that fails is a gap.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        let start = MonotonicTime.now
        let pause = Monitor(false)
        var next = start
        var failures: [EvidenceError] = []
        var readings = 0
        while true {
            do throws(EvidenceError) {
                let bytes = try fetcher.page(path)
                let page = MetricsPage(bytes, time: SystemClock.wall, node: fetcher.server)
                guard page.reading.samples > 0 else {
                    throw EvidenceError(fetcher.server + path, page.reading.emptiness("metric"))
                }
                if let gap = page.reading.gap, readings == 0 {
                    evidence.gaps.append("\(fetcher.server)\(path): \(gap)")
                }
                for snapshot in page.snapshots { evidence.add(snapshot) }
                readings += 1
            } catch {
                failures.append(error)
                // What does not answer at once is not waited for.
                if readings == 0 { throw error }
            }
            let now = MonotonicTime.now
            progress?(min(1, now.since(start) / duration))
            guard now.since(start) < duration else { break }
            next = min(max(next + interval, now), start + duration)
            pause.wait(until: next) { $0 ? true : nil }
        }
        if let last = failures.last {
            evidence.gaps.append("\(counted(failures.count, "reading")) failed, the last: \(last)")
        }
    }
}
