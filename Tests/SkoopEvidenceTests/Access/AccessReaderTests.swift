// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopEvidence

@Suite struct AccessReaderTests {
    private static let pod = Entity(
        kind: .pod, namespace: NamespaceID(rawValue: 7), podNamespace: "shop", podName: "proxy")

    /// Observations by labels, of the last snapshot.
    private func counts(_ metric: AccessMetric, _ reader: AccessReader) -> [String: UInt64] {
        guard
            let family = reader.snapshots(of: Self.pod, on: "n").last?.families.first(where: {
                $0.metric == metric.metric
            })
        else { return [:] }
        return (0..<family.count).reduce(into: [:]) { all, row in
            let count =
                metric.metric.kind == .histogram ? family.bucketCounts(of: row).reduce(0, +) : family.values[row]
            all[family.labels(of: row).joined(separator: " ")] = count
        }
    }

    /// The sums in milliseconds by labels.
    private func milliseconds(_ metric: AccessMetric, _ reader: AccessReader) -> [String: UInt64] {
        guard
            let family = reader.snapshots(of: Self.pod, on: "n").last?.families.first(where: {
                $0.metric == metric.metric
            })
        else { return [:] }
        return (0..<family.count).reduce(into: [:]) { all, row in
            all[family.labels(of: row).joined(separator: " ")] = family.values[row] / 1_000_000
        }
    }

    private func read(_ format: AccessFormat?, _ lines: [String]) -> AccessReader {
        var reader = AccessReader(format)
        for line in lines { reader.read(Array(line.utf8)[...]) }
        return reader
    }

    private static let full =
        "$remote_addr [$time_local] \"$request\" $status $request_time c=$upstream_connect_time "
        + "h=$upstream_header_time r=$upstream_response_time a=$upstream_addr s=$upstream_status "
        + "b=$upstream_bytes_received l=$limit_req_status"

    @Test func phasesOfUpstreams() throws {
        func line(_ status: String, _ rest: String) -> String {
            "10.0.0.9 [22/Nov/2026:10:32:15 +0100] \"GET /a?b=\\x22 HTTP/1.1\" \(status) \(rest) b=0 l=-"
        }
        let reader = read(
            try AccessFormat(Self.full),
            [
                line("200", "1.500 c=0.001 h=0.301 r=1.301 a=10.0.0.1:80 s=200"),
                line("502", "0.001 c=- h=- r=0.000 a=10.0.0.1:80 s=502"),
                line("502", "0.301 c=0.001 h=- r=0.300 a=[fd00::1]:80 s=502"),
                line("502", "0.000 c=- h=- r=0.000 a=backend s=502"),
                line("503", "0.000 c=- h=- r=- a=- s=-"),
                // The second answered, after an internal redirect a third one did.
                line(
                    "200",
                    "5.300 c=-, 0.001 : 0.002 h=-, 0.101 : 0.052 r=5.000, 0.101 : 0.052 a=10.0.0.1:80, 10.0.0.2:80 : unix:/x s=504, 200 : 200"
                ),
                line("499", "3.000 c=0.000 h=- r=3.000 a=10.0.0.1:80 s=-"),
            ])
        #expect(reader.reading.isWhole, "\(reader.reading.gap ?? "")")
        #expect(
            counts(.requests, reader) == [
                "200 answered": 2, "502 connect": 1, "502 header": 1, "502 unnamed": 1, "503 none": 1, "499 header": 1,
            ])
        #expect(milliseconds(.upstream, reader) == ["connect": 1 + 1 + 2, "header": 300 + 50, "body": 1000])
        // 0.199, 0.001, 0.001, 0, 5.3 - 5.153, 0
        #expect(milliseconds(.own, reader) == ["": 199 + 1 + 1 + 147])
        #expect(reader.range?.lowerBound == 1_795_339_935_000_000_000)
    }

    @Test func limitsAndHeadersThatAreTooLarge() throws {
        let start = "1 [22/Nov/2026:10:32:15 +0000] \"GET / HTTP/1.1\""
        let reader = read(
            try AccessFormat(Self.full),
            [
                "\(start) 502 0.010 c=0.000 h=- r=0.010 a=10.0.0.1:80 s=502 b=4096 l=PASSED",
                "\(start) 502 0.010 c=0.000 h=- r=0.010 a=10.0.0.1:80 s=502 b=0 l=PASSED",
                "\(start) 503 0.000 c=- h=- r=- a=- s=- b=- l=REJECTED",
                "\(start) 200 0.700 c=0.000 h=0.001 r=0.001 a=10.0.0.1:80 s=200 b=99999 l=DELAYED",
            ])
        #expect(counts(.oversized, reader) == ["": 1])
        #expect(counts(.limited, reader) == ["request rejected": 1, "request delayed": 1])
    }

    /// Each built-in format is known by its first line, with what container runtimes put around it too.
    @Test(arguments: [
        (
            "10.0.0.9 - bob [22/Nov/2026:10:32:15 +0000] \"GET / HTTP/1.1\" 504 167 \"-\" \"curl/8\" 80 15.003 "
                + "[shop-web-80] [] 10.0.0.1:80, 10.0.0.2:80, 10.0.0.1:80 0, 0, 0 5.001, 5.000, 5.002 504, 504, 504 4f5a",
            "504 asked"
        ),
        (
            "10.0.0.9 - - [22/Nov/2026:10:32:15 +0000] \"GET / HTTP/1.1\" 503 190 \"-\" \"curl/8\" 80 0.000 "
                + "[shop-web-80] [] - - - - 4f5a", "503 none"
        ),
        ("10.0.0.9 - - [22/Nov/2026:10:32:15 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"curl/8\"", "200 unknown"),
        ("10.0.0.9 - - [22/Nov/2026:10:32:15 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"x\" 0.1 more", "200 unknown"),
        (
            "{\"time_iso8601\":\"2026-11-22T10:32:15+00:00\",\"status\":502,\"request_time\":0.002,"
                + "\"upstream_addr\":\"10.0.0.1:80\",\"upstream_connect_time\":\"-\",\"upstream_header_time\":\"-\"}",
            "502 connect"
        ),
        (
            "{\"@timestamp\":\"2026-11-22T10:32:15Z\",\"Status\":\"499\",\"requestTime\":\"2.5\",\"upstreamAddr\":"
                + "\"10.0.0.1:80\",\"upstreamConnectTime\":\"0.001\",\"upstreamHeaderTime\":null,\"x\":[1,{}]}",
            "499 header"
        ),
    ])
    func builtInFormats(line: String, found: String) {
        for text in [
            line, "2026-11-22T10:32:15.123456789Z stdout F \(line)",
            JSONText.object(["log": line + "\n", "stream": "stdout"]),
        ] {
            // Standard error has other lines.
            let reader = read(
                nil, ["2026-11-22T10:32:14.1Z stderr F 2026/11/22 [error] 7#7: upstream timed out", text, ""])
            #expect(counts(.requests, reader) == [found: 1], "\(text)")
            #expect(reader.reading.isWhole)
        }
    }

    @Test func linesInOtherFormatsAreCounted() throws {
        let good = "1763800000.250 200 0.1"
        let reader = read(
            try AccessFormat("$msec $status ${request_time}"),
            [
                good, "nonsense", "1763800000.250 2000 0.1", "x 200 0.1", "1763800000.250 200 0.1.1", "1 200", good,
                "\u{0}",
            ])
        #expect(reader.reading.samples == 2 && reader.reading.problemCount == 5)
        #expect(reader.reading.problems.first?.line == 2)
        #expect(counts(.malformed, reader) == ["": 5])
        #expect(reader.range?.lowerBound == 1_763_800_000_250_000_000)
    }

    @Test(arguments: [
        ("$status$request_time $msec", "there is nothing before $request_time that would tell where it begins"),
        ("$request_time", "'$request_time' has no $status; allowed are \(AccessFormat.allowed)"),
        ("$status", "there is no $time_local, $time_iso8601 or $msec in '$status'"),
        ("$status $", "a $ has no name behind it"), ("${status $msec", "a ${ has no }"),
    ])
    func formatsThatCannotBeRead(text: String, message: String) {
        let error = #expect(throws: EvidenceError.self) { try AccessFormat(text) }
        #expect(error?.message == message)
    }

    /// Counters begin at nothing and grow; the log's time does not cost memory.
    @Test func snapshotsOfLongLogs() throws {
        var reader = AccessReader(try AccessFormat("$msec $status $request_time"), mostSteps: 50)
        for second in 0..<5000 { reader.read(Array("\(1_763_800_000 + second * 10).000 200 0.010".utf8)[...]) }
        let snapshots = reader.snapshots(of: Self.pod, on: "n")
        #expect((20...51).contains(snapshots.count))
        let sums = snapshots.map { snapshot in
            snapshot.families.filter { $0.metric == AccessMetric.requests.metric }
                .reduce(0 as UInt64) { $0 + $1.bucketCounts.reduce(0, +) }
        }
        #expect(sums.first == 0 && sums.last == 5000 && sums == sums.sorted())
        #expect(zip(snapshots, snapshots.dropFirst()).allSatisfy { $0.timestamp < $1.timestamp })
        #expect(snapshots.last.map { $0.timestamp > 1_763_849_990_000_000_000 } == true)
    }

    @Test func noBytesCrash() throws {
        var random = SeededGenerator()
        let words = [
            "10.0.0.1:80", ", ", " : ", "-", "0.001", "502", "1763800000.1", " ", "\"", "\\", "{", "}", ":", "[", "]",
            "\"status\":", "\"msec\":", "99999999999999999999", "\u{ff}", "22/Nov/2026:10:32:15 +0000", "stdout F ",
            "T ",
        ]
        let formats = [nil, try AccessFormat(Self.full), try AccessFormat("$msec,$status,$upstream_response_time")]
        for format in formats {
            var reader = AccessReader(format)
            for _ in 0..<2000 {
                var line: [UInt8] = []
                for _ in 0..<Int.random(in: 0..<30, using: &random) {
                    line += Array((words.randomElement(using: &random) ?? "").utf8)
                    if Int.random(in: 0..<5, using: &random) == 0 { line.append(.random(in: 0...255, using: &random)) }
                }
                reader.read(line[...])
            }
            _ = reader.snapshots(of: Self.pod, on: "n")
        }
    }
}

/// JSON as another program writes it.
private enum JSONText {
    static func object(_ members: KeyValuePairs<String, String>) -> String {
        let parts = members.map { name, value in
            let text = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\"\(name)\":\"\(text)\""
        }
        return "{\(parts.joined(separator: ","))}"
    }
}
