// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import SkoopExport
import SkoopModel

/// Encoding of a large page, against `memcpy` of the same bytes.
struct EncodingBenchmark {
    let rounds: Int
    private let snapshot: Snapshot

    /// 500 pods with 100 metrics each, values as they are found on a busy node.
    init(rounds: Int) {
        self.rounds = rounds
        var entities = EntityTable(node: "node-1.example.internal")
        for number in 0..<500 {
            entities.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: UInt64(4_026_532_000 + number)),
                    podNamespace: "production-\(number % 7)", podName: "checkout-6d4b75cb6d-\(10_000 + number)"))
        }
        let metrics = Catalogue.metrics.filter { $0.labels == .entity() && $0.decimals == 0 }.prefix(100)
        var random: UInt64 = 88_172_645_463_325_252
        let families = metrics.map { metric in
            var family = Family(metric, reserving: 500)
            for pod in 1...500 {
                random ^= random << 13
                random ^= random >> 7
                random ^= random << 17
                // Small and large alike: 1 to 40 bits.
                family.append(random >> (24 + random % 40), for: EntityTable.Index(pod))
            }
            return family
        }
        snapshot = Snapshot(timestamp: 1_700_000_000_123_000_000, entities: entities, families: families)
    }

    func run() throws(BenchmarkError) -> (table: Table, bars: [Bar]) {
        var table = Table(
            "Encoding \(snapshot.seriesCount) series against memcpy of the page",
            ["format", "page", "per series", "encoding", "memcpy, cached", "ratio", "uncached", "ratio"])
        var bars: [Bar] = []
        for format in ExpositionFormat.allCases {
            try BenchmarkError.checkInterrupt()
            Progress.show("encoding \(format.rawValue)")
            var encoder = SnapshotEncoder()
            // The first page renders the labels; a scrape finds them rendered.
            let size = encode(with: &encoder, format)
            let encoding = Spread((0..<rounds).map { _ in Repeated.measure { _ = encode(with: &encoder, format) } })
            let copying = copy(size, buffers: 1)
            // As many pages as no cache holds, each copied once: what a page costs that was not just copied before.
            let uncached = copy(size, buffers: max(1, (256 << 20) / size))
            table.rows.append([
                format.rawValue, "\(decimal(Double(size) / 1e6, digits: 2)) MB",
                Spread.text(encoding.median / Double(snapshot.seriesCount)), encoding.text, copying.text,
                ratioText(encoding.median, copying.median), uncached.text,
                ratioText(encoding.median, uncached.median),
            ])
            let ratio = encoding.median / copying.median
            bars.append(
                Bar(
                    what: "encoding \(format.rawValue), times memcpy", measured: ratioText(ratio, 1), allowed: "≤ 10x",
                    kept: ratio <= 10))
        }
        Progress.clear()
        return (table, bars)
    }

    private func encode(with encoder: inout SnapshotEncoder, _ format: ExpositionFormat) -> Int {
        var size = 0
        encoder.begin(snapshot, as: format)
        while let chunk = encoder.next() { size += chunk.count }
        return size
    }

    private func copy(_ size: Int, buffers: Int) -> Spread {
        let source = [UInt8](repeating: 7, count: size * buffers)
        var target = [UInt8](repeating: 0, count: size * buffers)
        return Spread(
            (0..<rounds).map { round in
                let offset = round % buffers * size
                return target.withUnsafeMutableBytes { to in
                    source.withUnsafeBytes { from in
                        bench_copy(
                            UnsafeMutableRawBufferPointer(rebasing: to[offset...]).baseAddress,
                            UnsafeRawBufferPointer(rebasing: from[offset...]).baseAddress, size)
                    }
                }
            })
    }
}
