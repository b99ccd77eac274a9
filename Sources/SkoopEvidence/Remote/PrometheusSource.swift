// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopExport
import SkoopModel

/// A server that speaks the HTTP API of Prometheus (`/api/v1`), and holds metrics of this package or of KubeSkoop.
///
/// Each metric is asked for under all of its names, also those of KubeSkoop's earlier releases, one metric after the
/// other, so that no answer is larger than it has to be.
public struct PrometheusSource<Fetcher: PageFetcher>: EvidenceSource {
    /// Gets the pages; its paths are below the server's base.
    public var fetcher: Fetcher
    /// Only these pods, those they talk to as far as flows name them, and all nodes; empty for all.
    public var pods: [PodName]
    /// How far apart values are, in nanoseconds; nil finds out how often the server scrapes.
    public var step: UInt64?

    /// It must be asked for a time.
    public var time: EvidenceTime { .asked }

    /// Makes a source; see the properties for the meaning of each argument.
    public init(_ fetcher: Fetcher, pods: [PodName] = [], step: UInt64? = nil) {
        self.fetcher = fetcher
        self.pods = pods
        self.step = step
    }

    /// Prometheus gives no more than 11000 values of a series.
    private static var mostSteps: UInt64 { 10_000 }
    /// More names make a question that servers refuse.
    private static var mostPeers: Int { 100 }
    private static var second: UInt64 { 1_000_000_000 }

    /// Adds what the server has of the metrics that are asked for.
    ///
    /// - Throws: when the request names no time, or when the server gives nothing of any metric.
    public func add(to evidence: inout Evidence, _ request: EvidenceRequest) throws(EvidenceError) {
        guard let range = request.range else { throw EvidenceError(fetcher.server, "it must be asked for a time") }
        let whole = range.lowerBound - min(range.lowerBound, request.lead)...range.upperBound
        var board = SeriesBoard(range: whole, step: try steps(whole))
        var failures: [EvidenceError] = []
        var warnings: [String] = []
        var pods = pods
        func tellsOfPeers(_ metric: Metric) -> Bool { metric.labels.extra == TupleLabels.names }
        func addAll(_ metrics: Set<Metric>) throws(EvidenceError) {
            for metric in metrics.sorted(by: { $0.name < $1.name }) {
                do throws(EvidenceError) {
                    warnings += try add(metric, of: pods, to: &board)
                } catch {
                    failures.append(error)
                    // Whether it is the metrics that cannot be had, or the server.
                    if board.isEmpty, failures.count == 3 { _ = try ask("/api/v1/query", [("query", "1")]) }
                }
            }
        }
        try addAll(request.metrics.filter(tellsOfPeers))
        let peers = board.peers(of: pods).subtracting(pods).sorted { $0.description < $1.description }
        if peers.count > Self.mostPeers {
            evidence.gaps.append(
                "\(fetcher.server): the pods talk to \(peers.count) others; only \(Self.mostPeers) of them are looked at"
            )
        }
        pods += peers.prefix(Self.mostPeers)
        try addAll(request.metrics.filter { !tellsOfPeers($0) })
        if let first = failures.first {
            guard !board.isEmpty else { throw first }
            evidence.gaps.append("\(counted(failures.count, "metric")) could not be had; \(first)")
        }
        if let warning = warnings.first { evidence.gaps.append("\(fetcher.server) warns: \(warning)") }
        guard !board.isEmpty else {
            throw EvidenceError(fetcher.server, "it has none of the metrics at that time")
        }
        for snapshot in board.snapshots { evidence.add(snapshot) }
    }

    /// How far apart values are asked for.
    private func steps(_ range: ClosedRange<UInt64>) throws(EvidenceError) -> UInt64 {
        let length = range.upperBound - range.lowerBound
        let least = max(Self.second, (length / Self.mostSteps + Self.second - 1) / Self.second * Self.second)
        if let step { return max(step, least) }
        let names = TCPMetric.metrics.flatMap(PromQL.names).joined(separator: "|")
        // The scrapes of a short time are exact where they are frequent, those of a long one are there where they are rare.
        var interval: UInt64?
        for seconds in [20, 60, 300] as [UInt64] {
            let json = try ask(
                "/api/v1/query",
                [
                    ("query", "max(count_over_time({__name__=~\"\(names)\"}[\(seconds)s]))"),
                    ("time", PromQL.time(range.upperBound)),
                ])
            let text = json["data"]?["result"]?.elements?.first?["value"]?.elements?.last?.string
            guard let count = text.flatMap({ Double($0) }), count >= 2 else { continue }
            interval = min(interval ?? .max, max(1, UInt64((Double(seconds) / count).rounded())))
        }
        return max((interval ?? 15) * Self.second, least)
    }

    private func add(
        _ metric: Metric, of pods: [PodName], to board: inout SeriesBoard
    ) throws(EvidenceError) -> [String] {
        let json = try ask(
            "/api/v1/query_range",
            [
                ("query", PromQL.selector(PromQL.names(metric), pods: pods)),
                ("start", PromQL.time(board.times.first ?? 0)),
                ("end", PromQL.time(board.times.last ?? 0)), ("step", "\(board.step / Self.second)"),
            ])
        guard let result = json["data"]?["result"]?.elements else {
            throw EvidenceError(fetcher.server, "its answer has no data.result, as the API of Prometheus demands")
        }
        for series in result {
            let labels = (series["metric"]?.members ?? []).compactMap { name, value in
                value.string.map { (name: name, value: $0) }
            }
            guard let name = labels.first(where: { $0.name == "__name__" })?.value,
                let identity = SeriesIdentity(name: name, labels: labels)
            else { continue }
            let values = (series["values"]?.elements ?? []).compactMap { pair -> (seconds: Double, value: UInt64)? in
                guard let pair = pair.elements, pair.count == 2, let time = pair[0].double, let text = pair[1].string
                else { return nil }
                return StoredNumber.parse(text.utf8, decimals: identity.decimals).map { (time, $0) }
            }
            if !values.isEmpty { board.add(identity, values) }
        }
        return json["warnings"]?.elements?.compactMap(\.string) ?? []
    }

    private func ask(_ path: String, _ items: [(name: String, value: String)]) throws(EvidenceError) -> JSONValue {
        let page = try fetcher.page(path + URLQuery.text(items))
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: page)
        } catch { throw EvidenceError(fetcher.server, "its answer is no JSON: \(error)") }
        guard json["status"]?.string == "success" else {
            let error = json["error"]?.string ?? "its answer is none of the API of Prometheus"
            throw EvidenceError(fetcher.server, error)
        }
        return json
    }
}
