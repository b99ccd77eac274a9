// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopAgent
import SkoopAnalysis
import SkoopEvidence
import SkoopExport
import SkoopModel
import SkoopSystem
import SkoopTesting
import Testing

/// What options of the command line mean, whatever the source is.
@Suite struct InvestigationTests {
    private static let second: UInt64 = 1_000_000_000
    private static let rules = [
        Rule(
            "overflow", guides: [.http], symptom: "s", cause: "c",
            when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1, advice: ["a"]),
        Rule(
            "no-answer", guides: [.http], symptom: "s", cause: "c",
            when: Quantity.events(EventQuery(ConnectEvent.noAnswer)) >= 1, advice: ["a"]),
    ]

    /// An hour in which the pod `early` has trouble in the tenth minute, and the pod `late` in the fortieth.
    private final class Incident {
        let start = (SystemClock.wall / second - 7200) * second
        let directory: TemporaryDirectory

        init() throws { directory = try TemporaryDirectory() }

        func time(_ minute: Double) -> UInt64 { start + UInt64(minute * 60) * second }

        func overflows(_ pod: String, at time: UInt64) -> UInt64 {
            time < self.time(pod == "early" ? 10 : 40) ? 5 : 8
        }

        func page(at time: UInt64) -> String {
            ["early", "late"].map { pod in
                "kubeskoop_tcpext_listenoverflows{k8s_node=\"n\",k8s_namespace=\"shop\",k8s_pod=\"\(pod)\"} "
                    + "\(overflows(pod, at: time))\n"
            }.joined()
        }

        func snapshot(at time: UInt64) -> Snapshot {
            var table = EntityTable(node: "n")
            var family = Family(TCPExtMetric.listenoverflows.metric)
            for pod in ["early", "late"] {
                let entity = Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: pod == "early" ? 1 : 2), podNamespace: "shop",
                    podName: pod)
                family.append(overflows(pod, at: time), for: table.append(entity))
            }
            return Snapshot(timestamp: time, entities: table, families: [family])
        }

        var events: [Event] {
            [("early", 10.0), ("late", 40)].map { pod, minute in
                Event(
                    type: ConnectEvent.noAnswer.type, timestamp: time(minute), node: "n",
                    entity: Entity(
                        kind: .pod, namespace: NamespaceID(rawValue: pod == "early" ? 1 : 2), podNamespace: "shop",
                        podName: pod))
            }
        }

        func recording(events: [Event] = []) throws -> [UInt8] {
            var writer = try RecordingWriter()
            for minute in 0...60 { try writer.write(snapshot(at: time(Double(minute)))) }
            try writer.write(events)
            return try writer.end()
        }

        /// All that can be had of it, by name and by what the source knows of.
        func sources(_ pods: [String]) throws -> [(name: String, rule: String, source: any EvidenceSource)] {
            try directory.write(try recording(), to: "recording")
            var pages: [String] = []
            for minute in 0...60 {
                let path = directory.path + "/page\(minute)"
                try directory.write(page(at: time(Double(minute))), to: "page\(minute)")
                let date = Date(timeIntervalSince1970: Double(time(Double(minute)) / second))
                try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
                pages.append(path)
            }
            var encoder = EventEncoder()
            let lines = events.map { String(decoding: Array(encoder.encode($0)), as: UTF8.self) }
            try directory.write(lines.joined(separator: "\n"), to: "events")
            let recording = try recording()
            return [
                ("recording", "overflow", Recording(directory.path + "/recording")),
                ("pages", "overflow", ScrapeFiles(pages)),
                (
                    "agent", "overflow",
                    AgentSource(
                        MadeUpServer { path, _ in path == "/evidence" ? recording : Array("{\"open\":[]}".utf8) },
                        rules: rules)
                ),
                (
                    "prometheus", "overflow",
                    PrometheusSource(MadeUpServer { self.prometheus($0, $1) }, pods: pods.compactMap { PodName($0) })
                ),
                ("events", "no-answer", EventFile(directory.path + "/events")),
                (
                    "loki", "no-answer",
                    LokiSource(MadeUpServer { self.loki($1, zip(self.events.map(\.timestamp), lines)) })
                ),
            ]
        }

        private func prometheus(_ path: String, _ items: [String: String]) -> [UInt8] {
            var series: [String] = []
            if path.hasSuffix("query_range"), items["query"]?.contains("listenoverflows") ?? false,
                let start = Double(items["start"] ?? ""), let end = Double(items["end"] ?? ""),
                let step = Double(items["step"] ?? "")
            {
                for pod in ["early", "late"] {
                    guard items["query"]?.contains(pod) ?? false || items["query"]?.contains("k8s_pod") == false else {
                        continue
                    }
                    let values = stride(from: start, through: end, by: step).map { time in
                        "[\(time),\"\(overflows(pod, at: UInt64(time) * second))\"]"
                    }
                    series.append(
                        """
                        {"metric":{"__name__":"kubeskoop_tcpext_listenoverflows","k8s_node":"n","k8s_namespace":"shop",
                        "k8s_pod":"\(pod)"},"values":[\(values.joined(separator: ","))]}
                        """)
                }
            }
            return Array("{\"status\":\"success\",\"data\":{\"result\":[\(series.joined(separator: ","))]}}".utf8)
        }

        private func loki(_ items: [String: String], _ lines: some Sequence<(UInt64, String)>) -> [UInt8] {
            let (start, end) = (UInt64(items["start"] ?? "") ?? 0, UInt64(items["end"] ?? "") ?? 0)
            let values = lines.filter { $0.0 >= start && $0.0 < end }.map { ["\($0.0)", $0.1] }
            let stream: [String: Any] = ["stream": ["job": "kubeskoop"], "values": values]
            let document: [String: Any] = ["status": "success", "data": ["result": [stream]]]
            return Array((try? JSONSerialization.data(withJSONObject: document)) ?? Data())
        }
    }

    /// A server in memory, which is told path and query.
    private struct MadeUpServer: PageFetcher {
        let server = "http://made.up"
        var answer: (String, [String: String]) -> [UInt8]

        func fetch(_ path: String) throws(EvidenceError) -> FetchedPage {
            let parts = URLComponents(string: path)
            let items = parts?.queryItems?.map { ($0.name, $0.value ?? "") } ?? []
            return FetchedPage(
                status: 200, body: answer(parts?.path ?? path, Dictionary(items) { first, _ in first }))
        }
    }

    /// The pods that have something, by minutes of the window's end and its length.
    @Test(
        arguments: [
            (12, "5m", [], ["shop/early"]), (42, "5m", [], ["shop/late"]),
            (45, "40m", [], ["shop/early", "shop/late"]),
            (45, "40m", ["shop/late"], ["shop/late"]), (45, "40m", ["early"], ["shop/early"]),
            (45, "40m", ["other/early"], []), (12, "5m", ["late", "early"], ["shop/early"]), (30, "5m", [], []),
        ] as [(Int, String, [String], [String])])
    func timesAndPodsMeanTheSameForAllSources(
        minute: Int, window: String, pods: [String], expected: [String]
    ) throws {
        let incident = try Incident()
        for (name, rule, source) in try incident.sources(pods) {
            var investigation = try Investigation(
                [source], rules: Self.rules, at: "\(incident.time(Double(minute)) / Self.second)", window: window,
                pods: pods)
            do {
                try investigation.run()
            } catch {
                // Where nothing has happened, events tell of nothing at all.
                #expect(expected.isEmpty && rule == "no-answer", "\(name): \(error)")
                continue
            }
            let found = investigation.analysis.findings
            #expect(Set(found.map(\.subject.name)) == Set(expected), "\(name)")
            #expect(found.allSatisfy { $0.rule.id == rule }, "\(name)")
            let isKnown = !pods.contains("other/early")
            #expect(
                isKnown || investigation.analysis.gaps.contains("there is no evidence of a pod other/early"),
                "\(name): \(investigation.analysis.gaps)")
        }
    }

    /// Has nothing, and remembers what it was asked for.
    private final class Witness: EvidenceSource {
        let time: EvidenceTime
        var request: EvidenceRequest?
        init(_ time: EvidenceTime) { self.time = time }
        func add(to evidence: inout Evidence, _ request: EvidenceRequest) { self.request = request }
    }

    @Test func serversAreAskedForTheRightTime() throws {
        let incident = try Incident()
        try incident.directory.write(try incident.recording(), to: "recording")
        let recording = Recording(incident.directory.path + "/recording")
        let (server, addition) = (Witness(.asked), Witness(.added))
        // Of what there is, wherever the server stands among the sources.
        var investigation = try Investigation([addition, server, recording], rules: Self.rules, at: nil, window: nil)
        try investigation.run()
        #expect(server.request?.range == incident.time(0)...incident.time(60))
        #expect(server.request?.lead == 0 && investigation.analysis.findings.count == 2)
        // Of what is asked for, and of what was usual before.
        let text = "\(incident.time(12) / Self.second)"
        investigation = try Investigation([server, recording, addition], rules: Self.rules, at: text, window: "10m")
        try investigation.run()
        #expect(server.request?.range == incident.time(2)...incident.time(12))
        #expect(server.request?.lead == 600 * Self.second)
        // Of the last minutes, where nobody says anything.
        investigation = try Investigation([server, addition], at: nil, window: nil)
        let error = #expect(throws: EvidenceError.self) { try investigation.run() }
        #expect(error?.message.hasPrefix("there is no evidence of ") == true)
        let range = try #require(server.request?.range)
        #expect(range.upperBound - range.lowerBound == 900 * Self.second)
        #expect(SystemClock.wall - range.upperBound < 600 * Self.second)
    }

    @Test func optionsThatDoNotFitAreRefused() throws {
        func message(
            _ source: EvidenceTime, at: String? = nil, window: String? = nil, pods: [String] = [], all: Bool = false
        ) -> String? {
            do throws(EvidenceError) {
                _ = try Investigation([Witness(source)], at: at, window: window, pods: pods, all: all)
                return nil
            } catch { return error.description }
        }
        #expect(message(.kept, pods: ["a"], all: true) == "--all: give it or --pod, not both")
        #expect(message(.kept, all: true) == nil && message(.live) == nil && message(.asked, at: "20m") == nil)
        #expect(message(.live, at: "20m")?.hasPrefix("--at: what is watched from now on") == true)
        #expect(message(.live, window: "20m")?.hasPrefix("--window: what is watched from now on") == true)
        for pod in ["", "/", "a/", "/b", "a/b/c", "a b", "a\n"] {
            #expect(message(.kept, pods: [pod]) == "--pod: '\(pod)' is no pod; allowed is namespace/name or name")
        }
        #expect(message(.kept, pods: ["a/b", "b", "container:3f", "netns:/run/netns/x"]) == nil)
        for window in ["0s", "31d", "soon", "-5m", "5"] {
            #expect(message(.kept, window: window)?.hasPrefix("--window: '\(window)' is no duration") == true)
        }
        #expect(message(.kept, at: "2999-01-01T00:00Z") == "--at: '2999-01-01T00:00Z' is in the future")
        #expect(message(.kept, at: "noon")?.hasPrefix("--at: 'noon' is no time; allowed is ") == true)
    }

    @Test func whatATimeLacksIsSaid() throws {
        let incident = try Incident()
        try incident.directory.write(try incident.recording(), to: "recording")
        let recording = Recording(incident.directory.path + "/recording")
        var investigation = Investigation(
            [recording], rules: Self.rules, range: incident.time(50)...incident.time(100))
        try investigation.run()
        #expect(investigation.analysis.gaps.count == 1)
        #expect(investigation.analysis.gaps.first?.hasPrefix("there is no snapshot of ") == true)
        #expect(investigation.analysis.gaps.first?.hasSuffix("(40 min)") == true)
        investigation.range = incident.time(61)...incident.time(100)
        let error = #expect(throws: EvidenceError.self) { try investigation.run() }
        #expect(error?.message.contains("; what was read is of ") == true, "\(String(describing: error))")
    }
}
