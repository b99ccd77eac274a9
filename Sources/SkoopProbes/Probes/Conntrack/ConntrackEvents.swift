// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// The probe's part that reports events, for as long as the probe holds it.
final class ConntrackEvents: Sendable {
    /// The argument that sizes the sockets' buffers.
    static let receiveBuffer = ProbeArgument(
        "receiveBuffer", .integer(65_536...268_435_456),
        help: "bytes that unread events of one namespace may take in the kernel; 4194304 by default")

    private let source: ConntrackEventSource
    private let namespaces: InEveryNamespace
    private let subscription: EventSubscription

    /// Listens in every namespace; nil where nobody wants events, or nobody may listen.
    ///
    /// - Parameter choice: gets the multicast groups, or the reason why there are no events.
    init?(_ environment: ProbeEnvironment, _ choice: inout SourceChoice) {
        let kinds = ConntrackKind.wanted(environment)
        guard let outlet = environment.events, !kinds.isEmpty else { return nil }
        let source = ConntrackEventSource(
            kinds, receiveBuffer: Int(environment.number(Self.receiveBuffer.name, orElse: 4 << 20)))
        do throws(ProbeError) {
            namespaces = try InEveryNamespace(
                name: "conntrack", environment, limit: OpenFileLimit.current / 4
            ) { namespace throws(ProbeError) in try source.listen(in: namespace.id) }
        } catch {
            choice.reason += (choice.reason.isEmpty ? "" : "; ") + "no events: \(error.message)"
            return nil
        }
        self.source = source
        subscription = EventSubscription(outlet, source)
        choice.hooks += kinds.map { "nfnetlink/conntrack_\($0.label)" }.sorted()
    }

    /// What was told of, and whether there are namespaces in which nobody listens.
    func families(_ scrape: Scrape) -> [Family] {
        let standing = namespaces.standing
        let unwatched = standing.failures.count + standing.beyondLimit
        if unwatched > 0 { scrape.problems.record("namespace-not-watched", count: UInt64(unwatched)) }
        return source.families(scrape)
    }
}
