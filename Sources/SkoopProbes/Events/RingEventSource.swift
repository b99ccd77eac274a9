// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import Synchronization

/// The events of a program that includes `skoop/events.h`.
final class RingEventSource: EventSource {
    let probe: String
    let fileDescriptor: Int32
    private let ring: Mutex<RingBuffer>
    private let program: AttachedProgram
    private let decode: @Sendable (RawSpan) -> ProbeEvent?
    private let sweep: MapSweep?
    private static let counts: BPFPerCPUMapName<UInt32, skoop_event_counts> = "event_counts"
    private let malformed = Atomic<UInt64>(0)
    /// The most records of one turn, so that other sources have theirs.
    private static let turn = 4096

    /// Reads the ring buffer of a program.
    ///
    /// - Parameters:
    ///   - sweep: what finds further events, run before the buffer is read.
    ///   - decode: makes an event of a record; nil for one that is too short, or that is no event after all.
    init(
        probe: String, _ program: AttachedProgram, sweep: MapSweep? = nil,
        decode: @escaping @Sendable (RawSpan) -> ProbeEvent?
    ) throws(ProbeError) {
        self.probe = probe
        self.program = program
        self.decode = decode
        self.sweep = sweep
        let ring = try program.access { object throws(BPFError) in try object.ringBuffer("events") }
        fileDescriptor = ring.fileDescriptor
        self.ring = Mutex(ring)
    }

    func drain(_ deliver: (ProbeEvent) -> Void) throws(ProbeError) {
        try sweep?.runIfDue()
        try ring.withLock { ring throws(ProbeError) in
            do throws(BPFError) {
                try ring.drain(atMost: Self.turn) { record in
                    if let event = decode(record) {
                        deliver(event)
                    } else {
                        malformed.add(1, ordering: .relaxed)
                    }
                }
            } catch { throw ProbeError(error) }
        }
    }

    var counts: EventCounts {
        var counts = EventCounts()
        let unread = malformed.load(ordering: .relaxed)
        if unread > 0 { counts.lost["discarded"] = unread }
        let cpus: [skoop_event_counts]
        do throws(ProbeError) {
            cpus = try program.access { object throws(BPFError) in try object.map(Self.counts).values(for: 0) ?? [] }
        } catch { return counts }
        counts.emitted = cpus.reduce(0) { $0 + $1.emitted }
        let lost = cpus.reduce(0) { $0 + $1.lost }
        if lost > 0 { counts.lost["ring-full"] = lost }
        return counts
    }
}
