// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Renders snapshots as pages of metrics, chunk by chunk.
///
/// Keep one encoder per scraper, or one behind a lock: between pages it keeps the rendered labels of every entity (made
/// anew when `EntityTable.version` changes) and its memory, so that a page allocates nothing per sample.
/// Memory does not grow with the page: a chunk has `chunkSize` bytes and at most one row or header more.
///
/// ```swift
/// var encoder = SnapshotEncoder()
/// encoder.begin(snapshot, as: .openMetrics)
/// while let chunk = encoder.next() { try connection.send(chunk) }
/// ```
///
/// Families are written in the order of the snapshot, each in one piece. Families without rows are left out. Rows whose
/// entity is not in the table, or carries the same labels as an earlier one, are left out of the text formats; see
/// ``SeriesGuard`` for how to learn of them.
public struct SnapshotEncoder: Sendable {
    /// What is written next.
    enum Step {
        case preamble
        case entity(Int)
        case header(Int)
        case rows(Int)
        case trailer
        case done
    }

    var chunk: ChunkBuffer
    var layout = RowLayout()
    var histogramLayout = HistogramLayout()
    var progress = RowLayout.Progress()
    var blocks = LabelBlocks.Style.allCases.map(LabelBlocks.init)
    var families: [PageFamily] = []
    private var format = ExpositionFormat.prometheus
    private var step = Step.done
    private var snapshot: Snapshot?

    /// Makes an encoder that yields chunks of about `chunkSize` bytes.
    public init(chunkSize: Int = 64 * 1024) {
        chunk = ChunkBuffer(chunkSize: max(1, chunkSize))
    }

    /// Starts a page; one that was not finished is given up.
    ///
    /// - Parameters:
    ///   - snapshot: what is rendered; it is kept until the page is complete.
    ///   - format: the notation.
    ///   - compatNames: which other spellings are exported too.
    public mutating func begin(
        _ snapshot: Snapshot, as format: ExpositionFormat, compatNames: CompatNames = []
    ) {
        self.snapshot = snapshot
        self.format = format
        families.replace(with: snapshot.families, compatNames: compatNames)
        for style in LabelBlocks.Style.allCases where style == .json ? format == .json : format != .json {
            guard style != .v0 || compatNames.contains(.v0) else { continue }
            blocks[style.rawValue].update(for: snapshot.entities)
        }
        step = .preamble
    }

    /// Renders the next chunk of the page; nil when it is complete.
    ///
    /// The bytes are valid as long as the slice is held; let go of it before the next call, which otherwise has to
    /// allocate its memory anew.
    public mutating func next() -> ArraySlice<UInt8>? {
        guard let snapshot else { return nil }
        chunk.removeAll()
        while !chunk.isFull {
            if case .done = step {
                self.snapshot = nil
                return chunk.count > 0 ? chunk.written : nil
            }
            step = format == .json ? writeJSON(step, of: snapshot) : writeText(step, of: snapshot)
        }
        return chunk.written
    }

    /// Renders a whole page into `sink`, chunk by chunk.
    ///
    /// - Throws: what `sink` throws; the rest of the page is given up.
    public mutating func encode<Failure: Error>(
        _ snapshot: Snapshot, as format: ExpositionFormat, compatNames: CompatNames = [],
        into sink: (ArraySlice<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        begin(snapshot, as: format, compatNames: compatNames)
        while let chunk = next() { try sink(chunk) }
    }

    /// Renders a whole page into one array.
    public mutating func encode(
        _ snapshot: Snapshot, as format: ExpositionFormat, compatNames: CompatNames = []
    ) -> [UInt8] {
        var page: [UInt8] = []
        encode(snapshot, as: format, compatNames: compatNames) { chunk in page.append(contentsOf: chunk) }
        return page
    }

    /// Renders rows of the histogram at `position` in ``families`` and returns the step that follows.
    mutating func writeHistograms(of position: Int, style: LabelBlocks.Style, snapshot: Snapshot) -> Step {
        let family = snapshot.families[families[position].index]
        histogramLayout.render(family, blocks: blocks[style.rawValue].table, progress: &progress, into: &chunk)
        return progress.row == family.count ? .header(position + 1) : .rows(position)
    }

    /// Renders rows of the family at `position` in ``families`` and returns the step that follows.
    mutating func writeRows(of position: Int, style: LabelBlocks.Style, snapshot: Snapshot) -> Step {
        let family = snapshot.families[families[position].index]
        layout.render(family, blocks: blocks[style.rawValue].table, progress: &progress, into: &chunk)
        if progress.row == family.count {
            if progress.hasWritten { chunk.append(layout.ending) }
            return .header(position + 1)
        }
        if progress.needed > 0 { chunk.makeRoom(for: progress.needed) }
        return .rows(position)
    }

    var isOpenMetrics: Bool { format == .openMetrics }
}
