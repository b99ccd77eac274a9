// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopEvidence
import SkoopExport
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem
import SkoopTop

/// Where `skoop top` reads. Owned by one thread.
protocol TopSource: ~Copyable {
    /// Reads once.
    mutating func read() throws(EvidenceError) -> TopReading
}

/// A running agent: its `/metrics`, and, where they are there, its `/findings` and `/status`.
struct AgentTopSource: TopSource {
    private let fetcher: any PageFetcher & Sendable

    init(_ fetcher: any PageFetcher & Sendable) { self.fetcher = fetcher }

    mutating func read() throws(EvidenceError) -> TopReading {
        let bytes = try fetcher.page("/metrics")
        let (moment, time) = (MonotonicTime.now.nanoseconds, SystemClock.wall)
        let page = MetricsPage(bytes, time: time, node: fetcher.server)
        guard page.reading.samples > 0 else {
            throw EvidenceError(
                fetcher.server, page.reading.problems.first.map { "\($0)" } ?? "its page has no metric that is known")
        }
        var reading = TopReading(moment: moment, time: time, snapshots: page.snapshots)
        // KubeSkoop's agent has no findings, and names its states otherwise.
        if let status = json("/status"), let probes = status["inuse_probes"]?["metrics"]?.elements {
            let running = probes.filter { $0["state"]?.string?.lowercased() == "running" }
            reading.probes = Set(running.compactMap { $0["name"]?.string })
        }
        reading.findings = json("/findings").map { TopFinding.all(in: $0) }
        return reading
    }

    private func json(_ path: String) -> JSONValue? {
        guard let page = try? fetcher.fetch(path), page.status == 200 else { return nil }
        return try? JSONValue(parsing: page.body)
    }
}

/// The probes of this host, in this process.
struct LocalTopSource: TopSource, ~Copyable {
    private let local: LocalAgent

    init(node: String = "") throws(SystemError) {
        let columns = Set(TopColumn.metrics.map(\.probe))
        let known = ProbeRegistry.all.map { $0.definition.name }
        let metrics = known.filter { columns.contains($0) || ProbeRegistry.defaultNames.contains($0) }
        var analysis = Configuration.AnalysisSettings()
        analysis.interval = .seconds(5)
        local = try LocalAgent(
            metrics: metrics, events: ProbeRegistry.defaultEventNames, node: node, analysis: analysis)
    }

    /// What does not run and why, for people.
    var notes: [String] { local.notes }

    mutating func read() throws(EvidenceError) -> TopReading {
        let snapshot = local.agent.collector.collect().snapshot
        var reading = TopReading(
            moment: MonotonicTime.now.nanoseconds, time: SystemClock.wall, snapshots: [snapshot])
        reading.probes = Set(local.agent.collector.probes.filter { $0.state == .running }.map(\.name))
        if let report = local.agent.findings {
            reading.findings =
                report.open.map { TopFinding($0, isOpen: true) } + report.ended.map { TopFinding($0, isOpen: false) }
        }
        return reading
    }
}

extension TopFinding {
    /// One of this process.
    init(_ finding: Finding, isOpen: Bool) {
        self.init(
            entity: TopEntity(finding.subject.entity, of: finding.subject.node), rule: finding.rule.id,
            text: "\(finding.rule.symptom): \(finding.rule.cause)", advice: finding.rule.advice,
            confidence: finding.confidence, time: finding.to, isOpen: isOpen)
    }

    /// Those of a page `skoop.findings/1`.
    static func all(in page: JSONValue) -> [TopFinding] {
        [("open", true), ("ended", false)].flatMap { member, isOpen in
            (page[member]?.elements ?? []).compactMap { TopFinding($0, isOpen: isOpen) }
        }
    }

    private init?(_ json: JSONValue, isOpen: Bool) {
        guard let rule = json["case"]?.string, let subject = json["subject"] else { return nil }
        let isNode = subject["kind"]?.string == Entity.Kind.node.rawValue
        self.init(
            entity: TopEntity(
                node: subject["node"]?.string ?? "",
                namespace: isNode ? "" : subject["k8s_namespace"]?.string ?? "",
                pod: isNode ? "" : subject["k8s_pod"]?.string ?? ""),
            rule: rule, text: "\(json["symptom"]?.string ?? ""): \(json["cause"]?.string ?? "")",
            advice: (json["advice"]?.elements ?? []).compactMap(\.string),
            confidence: json["confidence"]?.double ?? 0, time: json["to"]?.unsigned ?? 0, isOpen: isOpen)
    }
}
