// SPDX-License-Identifier: Apache-2.0
import SkoopAgent
import SkoopModel
import SkoopProbes
import SkoopSystem
import Synchronization

/// A probe `packetloss` whose events a test makes, of the namespace of `FakeCensus`.
final class FakeEventSource: EventSource {
    private struct State {
        var events: [ProbeEvent] = []
        var counts = EventCounts()
        var environments: [ProbeEnvironment] = []
        var collections = 0
    }

    private struct FakeEventProbe: Probe {
        static let definition = SkoopAgentTests.definition("packetloss")
        let source = SourceChoice(.ebpf, hooks: ["tp_btf/nothing"])
        let events: FakeEventSource

        init(_ environment: ProbeEnvironment) throws(ProbeError) { events = FakeEventSource() }
        init(_ events: FakeEventSource) { self.events = events }

        mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
            events.state.withLock { $0.collections += 1 }
            var family = Family(
                Metric(
                    name: "skoop_test_packetloss_total", probe: "packetloss", kind: .counter, help: "of a test",
                    source: "none"))
            family.append(1)
            return [family]
        }
    }

    let probe = "packetloss"
    let fileDescriptor: Int32 = -1
    private let state = Mutex(State())

    /// The environments that the probe was made with.
    var environments: [ProbeEnvironment] { state.withLock { $0.environments } }
    /// How often the probe was asked.
    var collections: Int { state.withLock { $0.collections } }
    var counts: EventCounts { state.withLock { $0.counts } }

    func emit(port: UInt16, type: EventType) {
        state.withLock { state in
            state.counts.emitted += 1
            state.events.append(
                ProbeEvent(
                    type, time: MonotonicTime.now.nanoseconds, namespace: NamespaceID(rawValue: 2),
                    tuple: PacketTuple(
                        protocolNumber: 17, source: .init(IPAddress(v4: 0x0a00_0001), port: port),
                        destination: .init(IPAddress(v4: 0x0a00_0002), port: 53)),
                    values: [.string("NO_SOCKET")]))
        }
    }

    func drain(_ deliver: (ProbeEvent) -> Void) throws(ProbeError) {
        let events = state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
        for event in events { deliver(event) }
    }

    /// The probe for an agent.
    var agentProbe: AgentProbe {
        var definition = SkoopAgentTests.definition(probe, sources: [.ebpf])
        definition.events = PacketlossEvent.types
        return AgentProbe(definition: definition) { [self] (environment) throws(ProbeError) in
            state.withLock { $0.environments.append(environment) }
            environment.events?.add(self)
            return FakeEventProbe(self)
        }
    }
}
