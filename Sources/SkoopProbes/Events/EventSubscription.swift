// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF

/// A probe's events on their way to whoever wants them, for as long as the probe holds this.
final class EventSubscription: Sendable {
    private let outlet: EventOutlet
    private let source: any EventSource

    /// Adds a source to an outlet.
    init(_ outlet: EventOutlet, _ source: any EventSource) {
        self.outlet = outlet
        self.source = source
        outlet.add(source)
    }

    /// Adds the ring buffer of a program, where somebody wants events; parameters as of ``RingEventSource``.
    convenience init?(
        _ environment: ProbeEnvironment, _ probe: String, _ program: AttachedProgram, sweep: MapSweep? = nil,
        decode: @escaping @Sendable (RawSpan) -> ProbeEvent?
    ) throws(ProbeError) {
        guard let outlet = environment.events else { return nil }
        self.init(outlet, try RingEventSource(probe: probe, program, sweep: sweep, decode: decode))
    }

    deinit { outlet.remove(source) }
}
