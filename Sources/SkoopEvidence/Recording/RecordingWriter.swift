// SPDX-License-Identifier: Apache-2.0
public import SkoopAnalysis
import SkoopCompression
import SkoopExport
public import SkoopModel
import SkoopSystem

/// Records evidence in a file that can be mailed and analysed elsewhere, or in memory. Owned by one thread.
///
/// Every call appends a block to the file, so that a recording that was cut short has all but the last. Its size hardly
/// depends on what does not change: an hour of 500 pods every 15 seconds takes a few megabytes.
public struct RecordingWriter: ~Copyable {
    private let path: String
    private var file: AppendFile?
    private var bytes: [UInt8] = []
    private let isInMemory: Bool
    private var compressor: Compressor
    private var packer = SnapshotPacker()
    private var encoder = EventEncoder()
    private let metrics: Set<Metric>?

    /// Begins a recording.
    ///
    /// - Parameters:
    ///   - path: the file; it must not be there, or be empty.
    ///   - metrics: which are recorded; nil for all.
    public init(_ path: String, keeping metrics: Set<Metric>? = nil) throws(EvidenceError) {
        let compressor = try Self.compressor(path)
        var file = try Self.file(path)
        guard file.size == 0 || !file.isRegular else { throw EvidenceError(path, "the file is there already") }
        do throws(SystemError) {
            try file.append(RecordingFormat.magic[...])
        } catch { throw EvidenceError(path, error.description) }
        self.path = path
        self.metrics = metrics
        self.compressor = compressor
        size = RecordingFormat.magic.count
        isInMemory = false
        self.file = .some(consume file)
    }

    /// Begins a recording in memory; ``end()`` gives it.
    ///
    /// - Parameter metrics: which are recorded; nil for all.
    public init(keeping metrics: Set<Metric>? = nil) throws(EvidenceError) {
        path = "a recording"
        compressor = try Self.compressor(path)
        bytes = RecordingFormat.magic
        self.metrics = metrics
        size = bytes.count
        isInMemory = true
        file = nil
    }

    private static func file(_ path: String) throws(EvidenceError) -> AppendFile {
        do throws(SystemError) {
            return try AppendFile(path)
        } catch { throw EvidenceError(path, error.description) }
    }

    private static func compressor(_ path: String) throws(EvidenceError) -> Compressor {
        do throws(CompressionError) {
            return try Compressor(.zstd, level: 9)
        } catch { throw EvidenceError(path, error.description) }
    }

    /// How many bytes the recording has so far.
    public private(set) var size: Int

    /// Says who records, and what its probes can see; of several the last counts.
    ///
    /// - Parameters:
    ///   - facts: by name, for example `kernel`, in any number.
    ///   - probes: as `Evidence.probes` has them.
    public mutating func write(facts: [String: String], probes: [String: ProbeState]) throws(EvidenceError) {
        let states = probes.map { probe, state in ("probe \(probe)", state.recorded) }
        let all = facts.map { ("fact \($0)", $1) } + states
        var writer = ByteWriter()
        writer.write(all.count)
        for (name, value) in all.sorted(by: { $0.0 < $1.0 }) {
            writer.write(name)
            writer.write(value)
        }
        try append(.facts, writer.bytes)
    }

    /// Records a snapshot.
    public mutating func write(_ snapshot: Snapshot) throws(EvidenceError) {
        try append(.snapshot, packer.pack(snapshot, keeping: metrics))
    }

    /// Records events.
    public mutating func write(_ events: [Event]) throws(EvidenceError) {
        guard !events.isEmpty else { return }
        var lines: [UInt8] = []
        for event in events {
            lines += encoder.encode(event)
            lines.append(0x0a)
        }
        try append(.events, lines)
    }

    /// Ends the recording; one that was not ended is taken for cut off.
    public consuming func finish() throws(EvidenceError) { try append(.end, []) }

    /// Ends a recording in memory.
    ///
    /// - Returns: the recording; nothing where it is in a file.
    public consuming func end() throws(EvidenceError) -> [UInt8] {
        try append(.end, [])
        return bytes
    }

    private mutating func append(_ kind: RecordingFormat.Kind, _ content: [UInt8]) throws(EvidenceError) {
        do {
            let block = try RecordingFormat.block(kind, content, &compressor)
            if isInMemory { bytes += block } else { try file?.append(block[...]) }
            size += block.count
        } catch { throw EvidenceError(path, "\(error)") }
    }
}

extension ProbeState {
    /// The state as a recording has it.
    fileprivate var recorded: String {
        switch self {
        case .running: "running"
        case .off: "off"
        case .failed(let reason): "failed \(reason)"
        case .unknown: "unknown"
        }
    }

    /// Reads what a recording has.
    init?(recorded text: String) {
        switch text {
        case "running": self = .running
        case "off": self = .off
        case "unknown": self = .unknown
        default:
            guard text.hasPrefix("failed ") else { return nil }
            self = .failed(String(text.dropFirst("failed ".count)))
        }
    }
}
