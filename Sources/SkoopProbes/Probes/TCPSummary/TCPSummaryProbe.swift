// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel

/// TCP sockets by state, queued bytes and accept queues of every namespace, IPv4 and IPv6 together.
///
/// The one pass walks the kernel's hash table once for all namespaces; `/proc/<pid>/net/tcp` and `tcp6` walk it once
/// for each, and do not show the limit of an accept queue.
public struct TCPSummaryProbe: Probe {
    /// The one pass first, `/proc/<pid>/net` otherwise.
    public static let definition = ProbeDefinition(
        TCPSummaryMetric.self, TCPSummaryExtraMetric.self, sources: [.onePass, .procfs])

    /// The source in use.
    public let source: SourceChoice
    private let reader: TCPSocketReader

    /// Chooses the source.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        reader = TCPSocketReader(host: environment.host)
        source = try reader.choose(required: environment.requiredSource)
    }

    /// Counts the sockets of every namespace.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let rows = try reader.read(source.source, scrape).compactMap { sockets in
            scrape.census.entityOfNamespace[sockets.namespace].map { (sockets, $0) }
        }
        return TCPSummaryMetric.allCases.map { metric in
            var family = Family(metric.metric, reserving: rows.count)
            for (sockets, entity) in rows { family.append(metric.value(in: sockets), for: entity) }
            return family
        }
            + TCPSummaryExtraMetric.allCases.map { metric in
                var family = Family(metric.metric, reserving: rows.count)
                for (sockets, entity) in rows { metric.append(sockets, entity, to: &family) }
                return family
            }
    }
}

extension TCPSummaryMetric {
    fileprivate func value(in sockets: TCPSockets) -> UInt64 {
        switch self {
        case .tcpestablishedconn: sockets.states[1]
        case .tcpsynsentconn: sockets.states[2]
        case .tcpsynrecvconn: sockets.states[3]
        case .tcptimewaitconn: sockets.states[6]
        case .tcpclosewaitconn: sockets.states[8]
        case .tcptxqueue: sockets.transmitQueue
        case .tcprxqueue: sockets.receiveQueue
        }
    }
}

extension TCPSummaryExtraMetric {
    fileprivate func append(_ sockets: TCPSockets, _ entity: EntityTable.Index, to family: inout Family) {
        switch self {
        case .sockets:
            for (state, name) in Self.stateNames.enumerated() where !name.isEmpty {
                family.append(sockets.states[state], for: entity, labels: [name])
            }
        case .acceptQueueLength: family.append(sockets.acceptQueue, for: entity)
        case .acceptQueueLimit: if let limit = sockets.acceptQueueLimit { family.append(limit, for: entity) }
        case .acceptQueueMaxLength: family.append(sockets.acceptQueueMax, for: entity)
        }
    }
}
