// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Where a probe's events come from: a ring buffer or a netlink socket.
///
/// One thread reads all sources (see ``EventOutlet``); `counts` may be asked for from any other.
public protocol EventSource: AnyObject, Sendable {
    /// The probe's name.
    var probe: String { get }

    /// A descriptor that is readable while there are events; negative for a source that is only looked at now and then.
    var fileDescriptor: Int32 { get }

    /// Hands over what is there.
    ///
    /// Called when the descriptor is readable, and several times a second besides, since programs do not wake their reader
    /// for every event. Must not block, and should return after some thousand events so that others have their turn.
    func drain(_ deliver: (ProbeEvent) -> Void) throws(ProbeError)

    /// How the events fared until now.
    var counts: EventCounts { get }
}

/// The sources of all probes that run, for whoever reads them: probes add theirs when they start, and take them away
/// when they end.
public final class EventOutlet: Sendable {
    private let state = Mutex((sources: [any EventSource](), version: UInt64(0)))

    /// Makes an outlet without sources.
    public init() {}

    /// Adds a source.
    public func add(_ source: any EventSource) {
        state.withLock { state in
            state.sources.append(source)
            state.version += 1
        }
    }

    /// Takes a source away.
    public func remove(_ source: any EventSource) {
        state.withLock { state in
            state.sources.removeAll { $0 === source }
            state.version += 1
        }
    }

    /// The sources, with a number that changes whenever they do.
    public var sources: (version: UInt64, sources: [any EventSource]) {
        state.withLock { ($0.version, $0.sources) }
    }
}
