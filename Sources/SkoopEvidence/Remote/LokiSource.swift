// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopExport

/// A Loki server that holds events, those of this package or of KubeSkoop.
public struct LokiSource<Fetcher: PageFetcher>: EvidenceSource {
    /// Gets the pages; its paths are below the server's base.
    public var fetcher: Fetcher
    /// Which streams, in LogQL.
    public var selector: String

    /// It must be asked for a time.
    public var time: EvidenceTime { .asked }

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - fetcher: gets the pages.
    ///   - selector: which streams, in LogQL; the default is what KubeSkoop and the sink `loki` write.
    public init(_ fetcher: Fetcher, selector: String = "{job=\"kubeskoop\"}") {
        self.fetcher = fetcher
        self.selector = selector
    }

    /// Loki gives no more lines at once.
    private static var mostLines: Int { 5000 }
    /// More than are analysed; whoever has more should look at a shorter time.
    private static var mostEvents: Int { 200_000 }

    /// Adds the events of the request's time.
    ///
    /// - Throws: when the request names no time, or when the server does not answer.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        guard let range = request.range else { throw EvidenceError(fetcher.server, "it must be asked for a time") }
        var start = range.lowerBound
        var reading = Reading()
        /// The lines of the last time of a page, which may be on the next one too.
        var border: Set<String> = []
        var count = 0
        while start <= range.upperBound {
            let lines = try lines(from: start, to: range.upperBound)
            for line in lines where line.time > start || !border.contains(line.text) {
                count += 1
                do throws(EventLine.Mistake) {
                    evidence.add(try EventLine.read(line.text.utf8, node: line.node))
                    reading.samples += 1
                } catch {
                    switch error {
                    case .unknownType(let name): reading.addUnknown(name)
                    case .malformed(let message): reading.add(problem: message, line: count)
                    }
                }
            }
            guard lines.count >= Self.mostLines, let last = lines.last else { break }
            guard count < Self.mostEvents else {
                evidence.gaps.append("\(fetcher.server): more than \(count) events; the later ones are left out")
                break
            }
            // A page of lines of one and the same time is all that can be had of it.
            border = last.time > start ? Set(lines.filter { $0.time == last.time }.map(\.text)) : []
            start = last.time > start ? last.time : start + 1
        }
        evidence.hasEventSource = true
        if let gap = reading.gap { evidence.gaps.append("\(fetcher.server): \(gap)") }
    }

    private struct Line {
        var time: UInt64
        var text: String
        var node: String
    }

    /// The first lines of a time, in their order.
    private func lines(from start: UInt64, to end: UInt64) throws(EvidenceError) -> [Line] {
        let items = [
            ("query", selector), ("start", "\(start)"), ("end", "\(end + 1)"), ("limit", "\(Self.mostLines)"),
            ("direction", "forward"),
        ]
        let page = try fetcher.page("/loki/api/v1/query_range" + URLQuery.text(items))
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: page)
        } catch { throw EvidenceError(fetcher.server, "its answer is no JSON: \(error)") }
        guard json["status"]?.string == "success", let result = json["data"]?["result"]?.elements else {
            throw EvidenceError(fetcher.server, json["error"]?.string ?? "its answer is none of the API of Loki")
        }
        var lines: [Line] = []
        for stream in result {
            let labels = stream["stream"]
            let node = labels?["node"]?.string ?? labels?["instance"]?.string ?? ""
            for pair in stream["values"]?.elements ?? [] {
                // A third element is metadata.
                guard let pair = pair.elements, pair.count >= 2, let time = pair[0].string.flatMap({ UInt64($0) }),
                    let text = pair[1].string
                else { continue }
                lines.append(Line(time: time, text: text, node: node))
            }
        }
        return lines.sorted { $0.time < $1.time }
    }
}
