// SPDX-License-Identifier: Apache-2.0
internal import SkoopModel
internal import SkoopSystem

/// A moment on both clocks, for time stamps of the kernel's on the other one.
struct ConntrackClock: Sendable {
    var monotonic = MonotonicTime.now.nanoseconds
    var wall = SystemClock.wall

    /// The monotonic time of a wall clock's, and never later than now.
    func monotonic(_ time: UInt64?) -> UInt64 {
        guard let time, time < wall else { return monotonic }
        return monotonic - min(monotonic, wall - time)
    }
}

extension ProbeEvent {
    /// A message of a type that is not known.
    init(unknownConntrack type: UInt16, in namespace: NamespaceID, _ clock: ConntrackClock) {
        self.init(
            ConntrackEvent.unknown.type, time: clock.monotonic, namespace: namespace, values: [.integer(Int64(type))])
    }

    /// What has become of a connection.
    init(_ entry: ConntrackEntry, _ kind: ConntrackKind, in namespace: NamespaceID, _ clock: ConntrackClock) {
        let moment = entry.moment ?? (kind == .destroy ? entry.stop : kind == .new ? entry.start : nil)
        let isExpectation = kind == .expectationNew || kind == .expectationDestroy
        self.init(
            kind.event.type, time: clock.monotonic(moment), namespace: namespace, tuple: entry.original.ends,
            values: isExpectation ? entry.expectationValues : entry.values, message: entry.message)
    }
}

extension ConntrackEntry {
    /// The values of a connection's fields.
    fileprivate var values: [EventValue?] {
        let reply = reply?.ends
        let icmp = original.icmp
        return [
            state.map { .string($0) },
            .flag(status.contains(.seenReply)), .flag(status.contains(.assured)),
            .flag(status.contains(.sourceNAT)), .flag(status.contains(.destinationNAT)),
            reply.map { .string($0.source.address.description) }, reply.map { .integer(Int64($0.source.port)) },
            reply.map { .string($0.destination.address.description) },
            reply.map { .integer(Int64($0.destination.port)) },
            .list(status.names),
            icmp.map { .integer(Int64($0.type)) }, icmp.map { .integer(Int64($0.code)) },
            icmp.map { .integer(Int64($0.identifier)) },
            id.map { .integer(Int64($0)) },
            zone == 0 ? nil : .integer(Int64(zone)), mark == 0 ? nil : .integer(Int64(mark)),
            timeout.map { .duration(UInt64($0) * 1_000_000_000) }, helper.map { .string($0) },
            traffic.map { .integer(Int64(clamping: $0.packets)) },
            traffic.map { .integer(Int64(clamping: $0.bytes)) },
            replyTraffic.map { .integer(Int64(clamping: $0.packets)) },
            replyTraffic.map { .integer(Int64(clamping: $0.bytes)) },
            duration.map { .duration($0) }, masterText,
        ]
    }

    /// The values of an expectation's fields.
    fileprivate var expectationValues: [EventValue?] {
        [
            masterText, helper.map { .string($0) }, id.map { .integer(Int64($0)) },
            zone == 0 ? nil : .integer(Int64(zone)), timeout.map { .duration(UInt64($0) * 1_000_000_000) },
        ]
    }

    private var duration: UInt64? {
        guard let start, let stop, stop >= start else { return nil }
        return stop - start
    }

    private var masterText: EventValue? {
        (master?.ends).map { .string("\($0.protocolName) \($0.source.text) \($0.destination.text)") }
    }

    /// KubeSkoop's text; its state is always unknown there.
    fileprivate var message: String {
        let ends = original.ends
        let state = state.map { "State = \($0) " } ?? ""
        return "Proto = \(ends.protocolName) Replied = \(status.contains(.seenReply)) \(state)"
            + "Src = \(ends.source.text), Dst = \(ends.destination.text)"
    }
}

extension PacketTuple.End {
    /// Address and port as in a URL.
    fileprivate var text: String { address.version == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
