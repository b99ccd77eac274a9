// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// How the rows of one histogram are put together: in the text formats each is a sample per bucket, the sum and the
/// count, in JSON one series.
///
/// The labels of a row are rendered once and then stand in every sample of it.
struct HistogramLayout {
    /// Positions of the fixed pieces in ``pieces``; what follows the labels of each bucket comes last.
    private enum Piece { static let bucket = 0, sum = 1, count = 2, lead = 3, bounds = 4 }

    private var opening = ""
    private var isOpeningLabel = false
    private var hasEntities = false
    private var extra: [String] = []
    private var bounds: [String] = []
    private var isJSON = false
    private var pieces = PaddedTable()
    private var fixedSize = 0
    private var labels = ChunkBuffer(chunkSize: 0)

    /// Sets what is the same in every row.
    ///
    /// - Parameters:
    ///   - name: the family's exported name.
    ///   - opening: what begins the labels of a row.
    ///   - isOpeningLabel: whether that is a label already.
    mutating func set(name: String, metric: Metric, opening: String, isOpeningLabel: Bool, isJSON: Bool) {
        self.opening = opening
        self.isOpeningLabel = isOpeningLabel
        self.isJSON = isJSON
        hasEntities = if case .entity = metric.labels { true } else { false }
        extra = metric.labels.extra
        bounds = (metric.buckets?.bounds ?? []).map { Self.text($0, decimals: metric.decimals) } + ["+Inf"]
        let hasLabels = hasEntities || isOpeningLabel || !extra.isEmpty
        let brace = hasLabels ? "{" : ""
        // The line feed before a sample is that of the one before it, so that the first bucket has none.
        let samples =
            isJSON
            ? [",\"buckets\":["]
            : [
                "\(name)_bucket{", "\n\(name)_sum\(brace)", "\n\(name)_count\(brace)", hasLabels ? "} " : " ",
            ] + bounds.map { (hasLabels ? "," : "") + "le=\"\($0)\"} " }
        pieces.removeAll()
        for sample in samples { pieces.append(Array(sample.utf8)) }
        fixedSize = 1 + (pieces.entries.map { Int($0.length) }.max() ?? 0) * 2
    }

    /// A bound as a float, which OpenMetrics wants `le` to be.
    static func text(_ bound: UInt64, decimals: Int) -> String {
        var number = ChunkBuffer(chunkSize: 0)
        number.append(bound, decimals: decimals)
        let text = String(decoding: number.written, as: UTF8.self)
        return text.utf8.contains(UInt8(ascii: ".")) ? text : text + ".0"
    }

    /// Renders rows from `progress` on until the family ends or the chunk is full.
    mutating func render(
        _ family: Family, blocks: PaddedTable, progress: inout RowLayout.Progress, into chunk: inout ChunkBuffer
    ) {
        while progress.row < family.count, !chunk.isFull {
            if renderLabels(of: progress.row, in: family, blocks) {
                if isJSON {
                    chunk.append(progress.hasWritten ? ",\n{" : "\n{")
                    renderSeries(of: progress.row, in: family, &chunk)
                } else {
                    renderSamples(of: progress.row, in: family, &chunk)
                }
                progress.hasWritten = true
            }
            progress.row += 1
        }
    }

    /// False where the row's entity cannot be shown.
    private mutating func renderLabels(of row: Int, in family: Family, _ blocks: PaddedTable) -> Bool {
        labels.removeAll()
        labels.append(opening)
        var isFirst = !isOpeningLabel
        if hasEntities {
            let entity = Int(family.entities[row])
            guard blocks.entries.indices.contains(entity), blocks.entries[entity].length >= 0 else { return false }
            let style: LabelBlocks.Style = isJSON ? .json : .standard
            labels.append(blocks.entries[entity], of: blocks, dropping: style.valueLead.utf8.count)
            isFirst = false
        }
        for position in 0..<extra.count {
            labels.append(isFirst ? "" : ",")
            labels.append(isJSON ? "\"" : "")
            labels.append(extra[position])
            labels.append(isJSON ? "\":\"" : "=\"")
            labels.append(family.labelValues[row * extra.count + position], escaping: isJSON ? .json : .quoted)
            labels.append("\"")
            isFirst = false
        }
        return true
    }

    private func renderSamples(of row: Int, in family: Family, _ chunk: inout ChunkBuffer) {
        let width = bounds.count
        let decimals = family.metric.decimals
        chunk.makeRoom(for: (width + 2) * (fixedSize + labels.count + Decimal8.width(decimals: decimals)))
        chunk.write { cursor in
            let (counts, text) = (family.bucketCounts.span, labels.storage.span)
            let (vectors, entries) = (pieces.vectors.span, pieces.entries.span)
            var count: UInt64 = 0
            for bucket in 0..<width {
                count &+= counts[row * width + bucket]
                if bucket > 0 { cursor.put(UInt8(ascii: "\n")) }
                cursor.put(entries[Piece.bucket], of: vectors)
                cursor.put(text, count: labels.count)
                cursor.put(entries[Piece.bounds + bucket], of: vectors)
                cursor.put(count)
            }
            cursor.put(entries[Piece.sum], of: vectors)
            cursor.put(text, count: labels.count)
            cursor.put(entries[Piece.lead], of: vectors)
            cursor.put(family.values[row], decimals: decimals)
            cursor.put(entries[Piece.count], of: vectors)
            cursor.put(text, count: labels.count)
            cursor.put(entries[Piece.lead], of: vectors)
            cursor.put(count)
            cursor.put(UInt8(ascii: "\n"))
        }
    }

    private func renderSeries(of row: Int, in family: Family, _ chunk: inout ChunkBuffer) {
        let width = bounds.count
        chunk.append(labels)
        chunk.append(LabelBlocks.Style.json.valueLead)
        chunk.append(family.values[row], decimals: family.metric.decimals)
        chunk.append(",\"count\":")
        chunk.makeRoom(for: (width + 1) * (Decimal8.width(decimals: 0) + 1) + fixedSize)
        chunk.write { cursor in
            let counts = family.bucketCounts.span
            var count: UInt64 = 0
            for bucket in 0..<width { count &+= counts[row * width + bucket] }
            cursor.put(count)
            cursor.put(pieces.entries[Piece.bucket], of: pieces.vectors.span)
            for bucket in 0..<width {
                if bucket > 0 { cursor.put(UInt8(ascii: ",")) }
                cursor.put(counts[row * width + bucket])
            }
        }
        chunk.append("]}")
    }
}
