// SPDX-License-Identifier: Apache-2.0
public import SkoopEvents
import SkoopExport
import SkoopProbes

/// What is known of an agent's events.
public struct EventStatus: Sendable {
    /// How the events of every probe fared.
    public var probes: [ProbeEventStatus]
    /// How the sinks do, in the configured order.
    public var sinks: [SinkStatus]

    /// Asks a pipeline.
    public init(_ pipeline: EventPipeline) {
        probes = pipeline.probes
        sinks = pipeline.sinkStatuses
    }

    /// The part of `/status`.
    var json: JSONValue {
        .object([("probes", .array(probes.map(\.json))), ("sinks", .array(sinks.map(\.json)))])
    }
}

extension ProbeEventStatus {
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(probe)),
            ("emitted", .integer(emitted)),
            ("reported", .integer(reported)),
            ("pending", .integer(pending)),
            ("lost", JSONValue(lost)),
            ("error", error.map { JSONValue(reason: $0.reason.rawValue, $0.message) } ?? .null),
        ])
    }
}

extension SinkStatus {
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(name)),
            ("state", .string(state.rawValue)),
            ("target", target.isEmpty ? .null : .string(target)),
            ("error", error.map { JSONValue(reason: $0.reason.rawValue, $0.message) } ?? .null),
            ("offered", .integer(offered)),
            ("delivered", .integer(delivered)),
            ("queued", .integer(queued)),
            ("lost", JSONValue(lost)),
            ("retries", .integer(retries)),
            ("failures", JSONValue(failures)),
            ("probes", .array(probes.sorted { $0.key < $1.key }.map { $0.value.json(probe: $0.key) })),
        ])
    }
}

extension SinkTally {
    fileprivate func json(probe: String) -> JSONValue {
        .object([
            ("name", .string(probe)),
            ("offered", .integer(offered)),
            ("delivered", .integer(delivered)),
            ("queued", .integer(queued)),
            ("lost", JSONValue(lost)),
        ])
    }
}
