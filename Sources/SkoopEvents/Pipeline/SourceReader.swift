// SPDX-License-Identifier: Apache-2.0
import SkoopProbes
import SkoopSystem

/// Reads all sources of an outlet in turns. Owned by the pipeline's thread.
struct SourceReader {
    private struct Entry {
        let source: any EventSource
        var taken: UInt64 = 0
    }

    /// How often sources are looked at that have not woken anybody.
    private static let look: Int32 = 50
    /// From how many events of one turn on a source is taken to have more.
    private static let busy = 1024

    private let outlet: EventOutlet
    private let ledger: EventLedger
    private var descriptors = DescriptorSet()
    private var version: UInt64?
    private var entries: [Entry] = []

    init(_ outlet: EventOutlet, _ ledger: EventLedger) {
        self.outlet = outlet
        self.ledger = ledger
    }

    /// Follows sources that have come or gone.
    ///
    /// - Parameter deliver: takes what those that go have left.
    mutating func follow(_ deliver: (ProbeEvent) -> Void) {
        let (version, sources) = outlet.sources
        guard version != self.version else { return }
        self.version = version
        for position in entries.indices.reversed()
        where !sources.contains(where: { $0 === entries[position].source }) {
            // Its program is attached until nobody holds it; more than what was there now is not waited for.
            var rounds = 0
            while rounds < 64, drain(position, deliver) ?? 0 >= Self.busy { rounds += 1 }
            guard position < entries.count else { continue }
            retire(position, cause: "probe-ended")
        }
        for source in sources where !entries.contains(where: { $0.source === source }) {
            entries.append(Entry(source: source))
            ledger.add(source)
            if source.fileDescriptor >= 0 { descriptors.add(source.fileDescriptor) }
        }
    }

    /// Gives every source a turn.
    ///
    /// - Returns: how many events there were, and whether there probably are more.
    mutating func drain(_ deliver: (ProbeEvent) -> Void) -> (events: Int, isBusy: Bool) {
        var events = 0
        var isBusy = false
        for position in entries.indices.reversed() {
            let count = drain(position, deliver) ?? 0
            events += count
            if count >= Self.busy { isBusy = true }
        }
        return (events, isBusy)
    }

    /// Waits until a source has filled a good part of its buffer, or until it is time to look.
    ///
    /// - Returns: whether a source has called.
    mutating func wait() -> Bool { descriptors.wait(milliseconds: Self.look) }

    /// Gives a source a turn; one that fails is read no longer, and nil is returned.
    private mutating func drain(_ position: Int, _ deliver: (ProbeEvent) -> Void) -> Int? {
        var count = 0
        do throws(ProbeError) {
            defer { entries[position].taken += UInt64(count) }
            try entries[position].source.drain { event in
                count += 1
                deliver(event)
            }
            return count
        } catch {
            retire(position, cause: "source-failed", error: error)
            return nil
        }
    }

    private mutating func retire(_ position: Int, cause: String, error: ProbeError? = nil) {
        let entry = entries.remove(at: position)
        descriptors.remove(entry.source.fileDescriptor)
        ledger.retire(entry.source, taken: entry.taken, cause: cause, error: error)
        if error != nil { outlet.remove(entry.source) }
    }
}
