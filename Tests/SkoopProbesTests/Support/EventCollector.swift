// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopProbes
import SkoopTesting
import Synchronization

/// Reads the events of probes under test, as the pipeline's thread does.
final class EventCollector: Sendable {
    /// To be given to probes.
    let outlet = EventOutlet()
    private let collected = Mutex<[ProbeEvent]>([])

    /// The events so far.
    func events() throws -> [ProbeEvent] {
        for source in outlet.sources.sources {
            try source.drain { event in collected.withLock { $0.append(event) } }
        }
        return collected.withLock { $0 }
    }

    /// The events of a namespace, once there are as many as wanted; otherwise those there are after a good while.
    func events(in namespace: borrowing TestNamespace, atLeast count: Int = 1) throws -> [ProbeEvent] {
        let id = NamespaceID(rawValue: namespace.inode)
        var found: [ProbeEvent] = []
        _ = eventually {
            found = ((try? events()) ?? []).filter { $0.namespace == id }
            return found.count >= count
        }
        return found
    }

    /// The events of packets to a port, in a namespace, once there are as many as wanted.
    func events(to port: UInt16, inNamespace inode: UInt64, atLeast count: Int = 1) throws -> [ProbeEvent] {
        let id = NamespaceID(rawValue: inode)
        var found: [ProbeEvent] = []
        _ = eventually {
            found = ((try? events()) ?? []).filter { $0.namespace == id && $0.tuple?.destination.port == port }
            return found.count >= count
        }
        return found
    }

    /// How the events fared until now.
    var counts: EventCounts {
        outlet.sources.sources.reduce(into: EventCounts()) { sum, source in
            sum.emitted += source.counts.emitted
            sum.lost.merge(source.counts.lost) { $0 + $1 }
        }
    }
}
