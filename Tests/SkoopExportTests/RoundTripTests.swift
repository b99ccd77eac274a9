// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

/// Pages read back: by a strict reader of our own, and by readers that are not ours.
@Suite struct RoundTripTests {
    private struct OracleFamily: Decodable {
        var name: String
        var type: String
        var unit: String
        var help: String
        var samples: [ExpectedSeries]
    }

    private func oracle(_ page: [UInt8], _ format: ExpositionFormat) throws -> [OracleFamily] {
        let output = try PythonOracle("parse.py").run(format.rawValue, input: page)
        return try JSONDecoder().decode([OracleFamily].self, from: Data(output.utf8))
    }

    @Test(arguments: [ExpositionFormat.prometheus, .openMetrics])
    func `random pages come back value by value`(format: ExpositionFormat) throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let snapshot = SampleSnapshot.random(using: &random)
            var encoder = SnapshotEncoder(chunkSize: Int.random(in: 1...5000, using: &random))
            let page = try TextPage(
                encoder.encode(snapshot, as: format), isOpenMetrics: format == .openMetrics)
            #expect(page.samples == ExpectedSeries.all(of: snapshot))
            #expect(page.families.map(\.help) == snapshot.families.map(\.metric.help))
        }
    }

    @Test(arguments: [ExpositionFormat.prometheus, .openMetrics])
    func `prometheus_client reads random pages alike`(format: ExpositionFormat) throws {
        var random = SeededGenerator()
        for _ in 0..<20 {
            let snapshot = SampleSnapshot.random(using: &random)
            var encoder = SnapshotEncoder()
            let families = try oracle(encoder.encode(snapshot, as: format), format)
            let read = families.flatMap(\.samples).map(\.rounded)
            let expected = ExpectedSeries.all(of: snapshot).map(\.rounded)
            #expect(read.count == snapshot.seriesCount)
            // Its reader of the older format gives every counter an ending and takes space off the end of lines.
            let isLax = format == .prometheus
            let names = Set(snapshot.families.filter { $0.metric.kind == .counter }.map(\.metric.name))
            let wanted = Set(expected.map { isLax && names.contains($0.name) ? $0.withTotal : $0 })
            #expect(Set(read).symmetricDifference(wanted).isEmpty)
            let helps = snapshot.families.map(\.metric.help)
            #expect(families.map(\.help) == (isLax ? helps.map(\.withoutTrailingSpace) : helps))
            guard format == .openMetrics else { continue }
            for (family, metric) in zip(families, snapshot.families.lazy.map(\.metric)) {
                let isTotal = metric.kind == .counter && metric.name.hasSuffix("_total")
                #expect(
                    family.type == (isTotal ? "counter" : metric.kind == .counter ? "unknown" : metric.kind.rawValue))
                let unit =
                    metric.unit == .none || !family.name.hasSuffix("_\(metric.unit.rawValue)")
                    ? "" : metric.unit.rawValue
                #expect(family.unit == unit)
            }
        }
    }

    @Test(arguments: [ExpositionFormat.prometheus, .openMetrics])
    func `prometheus_client accepts a full page with every compatible name`(format: ExpositionFormat) throws {
        let snapshot = SampleSnapshot.catalogue(entities: 20)
        var encoder = SnapshotEncoder()
        let families = try oracle(encoder.encode(snapshot, as: format, compatNames: [.ack, .v0]), format)
        #expect(families.reduce(0) { $0 + $1.samples.count } >= snapshot.seriesCount)
        #expect(Set(families.map(\.name)).count == families.count)
    }

    @Test func `promtool complains of names that are not ours only`() throws {
        let snapshot = SampleSnapshot.catalogue(entities: 3)
        var encoder = SnapshotEncoder()
        let directory = try TemporaryDirectory()
        try directory.write(encoder.encode(snapshot, as: .prometheus, compatNames: [.ack, .v0]), to: "page")
        let output = try run(
            "sh", "-c", "\"$0\" check metrics < \"$1\" 2>&1; echo \"status $?\"", TestTools.program("promtool"),
            directory.path + "/page")
        let lines = output.split(separator: "\n")
        // 3 is complaints, which the names without `_total` must draw; 1 is a page that cannot be read.
        #expect(lines.last == "status 3")
        #expect(lines.contains { $0.hasPrefix("kubeskoop_udp_noports counter metrics should have") })
        for line in lines.dropLast() {
            let isFixed = ["kubeskoop_", "inspector_pod_"].contains { line.hasPrefix($0) }
            #expect(isFixed, "\(line)")
        }
    }

    @Test func `numbers in JSON are exact and documents follow the schema`() throws {
        var random = SeededGenerator()
        var encoder = SnapshotEncoder()
        let schema = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Documentation/schema/snapshot-1.json").path()
        var snapshots = [SampleSnapshot.everything(), SampleSnapshot.catalogue(entities: 3)]
        for _ in 0..<10 { snapshots.append(SampleSnapshot.random(using: &random)) }
        for snapshot in snapshots {
            let page = encoder.encode(snapshot, as: .json, compatNames: [.ack, .v0])
            #expect(try PythonOracle("validate.py").run(schema, input: page) == "")
            // One series per line, its value as it stands there.
            let values = String(decoding: encoder.encode(snapshot, as: .json), as: UTF8.self).unicodeScalars
                .split(separator: "\n").map { String($0) }.filter {
                    $0.hasPrefix("{\"entity\"") || $0.hasPrefix("{\"labels\"") || $0.hasPrefix("{\"value\"")
                }
                .map { line in
                    line.suffix(from: line.range(of: "\"value\":", options: .backwards)?.upperBound ?? line.startIndex)
                }
                .map { String($0.prefix { $0 != "}" }) }
            #expect(values == snapshot.families.flatMap { ExpectedSeries.values(of: $0) })
        }
    }

    @Test func `the schema refuses what is no snapshot`() throws {
        let schema = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Documentation/schema/snapshot-1.json").path()
        let document = #"{"schema":"skoop.snapshot/2","timestamp":1,"node":"","entities":[],"families":[]}"#
        #expect(throws: CommandError.self) {
            try PythonOracle("validate.py").run(schema, input: Array(document.utf8))
        }
    }
}
