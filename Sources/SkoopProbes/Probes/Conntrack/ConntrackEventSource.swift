// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem
internal import Synchronization

/// What connection tracking tells of in all namespaces that somebody listens in.
///
/// Each namespace has a socket of its own in the multicast groups of the kinds that are wanted; the kernel builds no message for
/// a group in which nobody is. Sockets are looked at some twenty times a second instead of waking anybody: what comes
/// meanwhile waits in their buffers.
///
/// To listen does not let the kernel track anything: that takes a rule that asks for it. Where
/// `net.netfilter.nf_conntrack_events` is 2, as it is by default since 5.19, entries made from then on have room for
/// pending events; those made before end without one.
final class ConntrackEventSource: EventSource {
    /// Keeps somebody listening in a namespace.
    final class Membership: Sendable {
        private let source: ConntrackEventSource
        private let ear: ConntrackPlace.Ear

        fileprivate init(_ source: ConntrackEventSource, _ ear: ConntrackPlace.Ear) {
            self.source = source
            self.ear = ear
        }

        deinit { source.leave(ear) }
    }

    fileprivate struct State: Sendable {
        var places: [ConntrackPlace] = []
        /// The sockets, in the same order.
        var descriptors = DescriptorSet()
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        /// The last events of namespaces that are heard no longer, and how theirs fared.
        var left: [ProbeEvent] = []
        var retired = ConntrackPlace.Tally()
        /// How many turns there were, so that it is not always the same one's.
        var turns = 0
    }

    let probe = ConntrackMetric.probe
    let fileDescriptor: Int32 = -1
    private let groups: Set<UInt32>
    private let receiveBuffer: Int
    private let state = Mutex(State())
    /// The most messages of one turn, so that other sources have theirs.
    private static let turn = 4096
    /// The most events that are kept of namespaces that are heard no longer, until somebody takes them.
    private static let mostLeft = 8192

    /// Makes a source that listens nowhere yet.
    ///
    /// - Parameters:
    ///   - kinds: what to listen for.
    ///   - receiveBuffer: bytes that unread messages of one namespace may take in the kernel.
    init(_ kinds: Set<ConntrackKind>, receiveBuffer: Int) {
        groups = Set(kinds.map(\.group))
        self.receiveBuffer = receiveBuffer
    }

    /// Listens in the calling thread's namespace for as long as somebody holds what is returned.
    func listen(in namespace: NamespaceID) throws(ProbeError) -> Membership {
        let (groups, receiveBuffer) = (groups, receiveBuffer)
        let ear = try ProbeError.wrap { () throws(SystemError) in
            ConntrackPlace.Ear(try NetlinkListener(.netfilter, groups: groups, receiveBuffer: receiveBuffer))
        }
        state.withLock { state in
            state.places.append(ConntrackPlace(namespace, ear))
            state.descriptors.add(ear.listener.fileDescriptor)
        }
        return Membership(self, ear)
    }

    /// Lets go of a namespace at once, and keeps what it still had to tell.
    private func leave(_ ear: ConntrackPlace.Ear) {
        state.withLock { state in
            guard let position = state.places.firstIndex(where: { $0.ear === ear }) else { return }
            var left: [ProbeEvent] = []
            let room = Self.mostLeft - min(Self.mostLeft, state.left.count)
            _ = state.drain(position, atMost: room, ConntrackClock()) { left.append($0) }
            state.left += left
            state.retired += state.places[position].tally()
            state.descriptors.remove(ear.listener.fileDescriptor)
            state.places.remove(at: position)
        }
    }

    func drain(_ deliver: (ProbeEvent) -> Void) throws(ProbeError) {
        state.withLock { state in
            for event in state.left { deliver(event) }
            state.left = []
            let clock = ConntrackClock()
            state.turns &+= 1
            let ready = state.descriptors.readable()
            var rest = Self.turn
            for offset in ready.indices {
                let position = ready[(offset + state.turns) % ready.count]
                let share = max(16, rest / (ready.count - offset))
                rest -= state.drain(position, atMost: share, clock, deliver)
            }
        }
    }

    var counts: EventCounts {
        let sum = state.withLock { state in
            state.places.indices.reduce(into: state.retired) { sum, position in sum += state.places[position].tally() }
        }
        var counts = EventCounts()
        counts.emitted = sum.received + sum.lost
        if sum.lost > 0 { counts.lost["buffer-full"] = sum.lost }
        if sum.discarded > 0 { counts.lost["discarded"] = sum.discarded }
        return counts
    }

    /// What was told of in the namespaces of a census.
    func families(_ scrape: Scrape) -> [Family] {
        var events = EntityRows<[String]>()
        var unanswered = EntityRows<[String]>()
        state.withLock { state in
            for place in state.places {
                guard let entity = scrape.census.entityOfNamespace[place.namespace] else { continue }
                place.counts.add(for: entity, to: &events, &unanswered)
            }
        }
        return events.families([ConntrackEventMetric.events.metric]) { $0 }
            + unanswered.families([ConntrackEventMetric.unanswered.metric]) { $0 }
    }
}

extension ConntrackEventSource.State {
    /// Reads one namespace's messages.
    fileprivate mutating func drain(
        _ position: Int, atMost limit: Int, _ clock: ConntrackClock, _ deliver: (ProbeEvent) -> Void
    ) -> Int {
        places[position].drain(atMost: limit, &buffer, clock, deliver)
    }
}
