// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SkoopProbes

@Suite struct HistogramReaderTests {
    private func row(_ entity: Int32, kind: UInt32, _ count: UInt64) -> HistogramReader.Row {
        .init(entity: entity, kind: kind, slots: [count, 1], sum: 10 * count, over: (count, 2, 3))
    }

    @Test func whatBelongsToNoNamespaceIsAddedToTheNodes() {
        let rows = HistogramReader.merged([
            row(0, kind: 1, 5), row(1, kind: 1, 7), row(0, kind: 1, 2), row(0, kind: 2, 4),
        ])
        #expect(rows.map(\.entity) == [0, 1, 0] && rows.map(\.kind) == [1, 1, 2])
        #expect(rows.map(\.slots) == [[7, 2], [7, 1], [4, 1]])
        #expect(rows.map(\.sum) == [70, 70, 40])
        #expect(rows[0].over == (7, 4, 6))
    }
}
