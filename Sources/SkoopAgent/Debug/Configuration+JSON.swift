// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopExport
import SkoopIdentity
import SkoopKubernetes
import SkoopProbes
import SkoopSystem

extension Configuration {
    /// What is in force, with all defaults, under the keys of a file; JSON is YAML too. Without secrets.
    var json: JSONValue {
        .object([
            ("debugMode", .bool(debugMode)),
            ("address", .string(address.description)),
            ("admin", .string(admin?.description ?? "none")),
            ("node", .string(node)),
            ("btf", .string(btf)),
            ("sidecar", .bool(isSidecar)),
            (
                "runtime",
                .object([
                    ("socket", .string(runtime.map { $0.socket?.path ?? "auto" } ?? "none")),
                    ("interval", JSONValue(runtime?.interval.shortText)),
                ])
            ),
            ("cluster", clusterJSON),
            (
                "metrics",
                .object([
                    ("deadline", .string(metrics.deadline.shortText)),
                    ("bucketStep", .integer(UInt64(metrics.bucketStep))),
                    ("mapping", .string(metrics.mapping)),
                    (
                        "compatNames",
                        .array(
                            ["ack", "v0"].filter { name in
                                CompatNames(name: name).map { metrics.compatNames.contains($0) } ?? false
                            }.map { .string($0) })
                    ),
                    ("additionalLabels", .array(metrics.additionalLabels.names.map { .string($0) })),
                    ("probes", .array(metrics.probes.map(\.json))),
                ])
            ),
            (
                "event",
                .object([
                    ("probes", .array(event.probes.map(\.json))),
                    (
                        "sinks",
                        .array(event.sinks.map { Self.entry($0.name, $0.arguments) })
                    ),
                ])
            ),
            (
                "analysis",
                .object([
                    ("enabled", .bool(analysis.isEnabled)),
                    ("interval", .string(analysis.interval.shortText)),
                    ("history", .string(analysis.history.shortText)),
                    ("events", .integer(UInt64(analysis.events))),
                    ("rules", .array(analysis.files.map { .string($0) })),
                ])
            ),
            (
                "limits",
                .object([
                    ("seriesPerFamily", .integer(UInt64(limits.seriesPerFamily))),
                    ("series", .integer(UInt64(limits.series))),
                    ("scrapes", .integer(UInt64(limits.scrapes))),
                    ("connections", .integer(UInt64(limits.connections))),
                    ("eventRate", .integer(UInt64(limits.events.rate))),
                    ("eventBurst", .integer(UInt64(limits.events.burst))),
                    ("eventWindow", .string(limits.events.foldWindow.shortText)),
                    ("eventQueue", .integer(UInt64(limits.events.queue))),
                    ("eventHistory", .integer(UInt64(limits.events.history))),
                ])
            ),
        ])
    }

    private var clusterJSON: JSONValue {
        .object([
            ("server", .string(cluster.map { $0.server ?? "auto" } ?? "none")),
            ("kubeconfig", JSONValue(cluster?.kubeconfig)),
            ("context", JSONValue(cluster?.context)),
            ("scope", JSONValue(cluster?.scope.rawValue)),
        ])
    }

    fileprivate static func entry(
        _ name: String, _ arguments: [String: ArgumentValue], _ more: [(String, JSONValue)] = []
    ) -> JSONValue {
        let values = arguments.sorted { $0.key < $1.key }.map { name, value in
            (name, isSecret(name) ? .string("***") : value.json)
        }
        return .object([("name", .string(name))] + (values.isEmpty ? [] : [("args", .object(values))]) + more)
    }

    /// Whether an argument may hold credentials, of sinks of others too; one that names their file does not.
    private static func isSecret(_ argument: String) -> Bool {
        let name = argument.lowercased()
        let words = ["password", "token", "secret", "headers", "credential", "apikey", "api_key"]
        return !name.hasSuffix("file") && words.contains { name.contains($0) }
    }
}

extension Configuration.ProbeSettings {
    fileprivate var json: JSONValue {
        var more: [(String, JSONValue)] = []
        if let source { more.append(("source", .string(source.rawValue))) }
        if let deadline { more.append(("deadline", .string(deadline.shortText))) }
        return Configuration.entry(name, arguments, more)
    }
}

extension ArgumentValue {
    fileprivate var json: JSONValue {
        switch self {
        case .string(let text): .string(text.withoutCredentials)
        case .bool(let flag): .bool(flag)
        case .integer(let number): number < 0 ? .negative(number) : .integer(UInt64(number))
        case .list(let texts): .array(texts.map { .string($0.withoutCredentials) })
        case .duration(let duration): .string(duration.shortText)
        }
    }
}

extension String {
    /// The same, but of a URL without who asks and without its query, both of which may hold secrets.
    fileprivate var withoutCredentials: String {
        guard let scheme = indices.first(where: { self[$0...].hasPrefix("://") }) else { return self }
        let start = index(scheme, offsetBy: 3)
        // A password may hold what ends the host elsewhere; who writes the rest of such a URL wants none of it seen.
        let authority = self[start...].lastIndex(of: "@").map { self[index(after: $0)...] } ?? self[start...]
        let user = authority.startIndex > start ? "***@" : ""
        let place = authority.prefix { $0 != "?" && $0 != "#" }
        return self[..<start] + user + place + (place.endIndex < endIndex ? "?***" : "")
    }
}
