// SPDX-License-Identifier: Apache-2.0
import SkoopExport
public import SkoopIdentity
import SkoopModel
public import SkoopProbes

/// What `/status` tells: which probes there are and run, from which source, and why not from a better one.
public struct AgentStatus: Sendable {
    /// The node's name.
    public var node: String
    /// The configuration file, empty where the embedded defaults are used.
    public var file: String
    /// The probes that run, in the configured order.
    public var probes: [ProbeStatus]
    /// All probes that could run.
    public var available: [ProbeDefinition]
    /// The collections so far.
    public var collector: CollectorStatus
    /// What is known but not built.
    public var notices: [Configuration.Notice]
    /// How events fare; `nil` where no probe that runs reports any.
    public var events: EventStatus?
    /// What became of the last attempt to read the configuration.
    public var reload: ReloadStatus
    /// How those fare who are asked who is on the host.
    public var identity: [IdentityStatus] = []
    /// How it fares that namespaces and containers are noticed when they begin.
    public var births: BirthStatus?

    /// The status as JSON; `inuse_probes` and `available_probes` as KubeSkoop has them.
    public var json: String {
        func states(_ purpose: Configuration.ProbeRun.Purpose) -> JSONValue {
            .array(
                probes.filter { $0.purpose.contains(purpose) }.map { probe in
                    .object([("name", .string(probe.name)), ("state", .string(probe.state.rawValue))])
                })
        }
        func names(_ definitions: [ProbeDefinition]) -> JSONValue { .array(definitions.map { .string($0.name) }) }
        return JSONValue.object([
            ("node", .string(node)),
            ("configuration", file.isEmpty ? .null : .string(file)),
            ("reload", reload.json),
            ("inuse_probes", .object([("metrics", states(.metrics)), ("event", states(.events))])),
            (
                "available_probes",
                .object([
                    ("metrics", names(available)), ("event", names(available.filter { !$0.events.isEmpty })),
                ])
            ),
            ("probes", .array(probes.map(\.json))),
            ("collection", collector.json),
            ("identity", .array(identity.map(\.json))),
            ("births", births?.json ?? .null),
            ("events", events?.json ?? .null),
            (
                "notices",
                .array(
                    notices.map {
                        .object([
                            ("key", .string($0.key)), ("message", .string("\($0.subject) is known but not built yet")),
                        ])
                    })
            ),
        ]).text
    }
}

extension ProbeStatus {
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(name)),
            ("state", .string(state.rawValue)),
            ("source", JSONValue(source?.source.rawValue)),
            ("source_reason", JSONValue(source.flatMap { $0.reason.isEmpty ? nil : $0.reason })),
            ("hooks", .array((source?.hooks ?? []).map { .string($0) })),
            ("error", error.map { JSONValue(reason: $0.reason.rawValue, $0.message) } ?? .null),
            ("success", .bool(succeeded)),
            ("duration_seconds", JSONValue(seconds: duration)),
            ("series", .integer(UInt64(series))),
            ("collections", .integer(collections)),
            ("failures", .integer(failures)),
            ("timeouts", .integer(timeouts)),
            ("skipped", .integer(skipped)),
            ("problems", JSONValue(problems)),
        ])
    }
}

extension CollectorStatus {
    fileprivate var json: JSONValue {
        .object([
            ("count", .integer(collections)),
            ("duration_seconds", .number(duration.seconds)),
            ("inventory_duration_seconds", JSONValue(seconds: inventoryDuration)),
            ("inventory_error", JSONValue(inventoryError?.message)),
            ("namespaces", .integer(UInt64(namespaces))),
            ("entities", .integer(UInt64(entities))),
            ("series", .integer(UInt64(series))),
            ("series_cut", JSONValue(cut)),
        ])
    }
}
