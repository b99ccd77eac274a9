// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopIdentity
public import SkoopKubernetes
import SkoopModel
import SkoopProbes
public import SkoopSystem

/// Who is on this host, and by which evidence: `skoop pods` and `skoop explain-identity`.
public struct HostPods: Sendable {
    let census: Census
    let evidence: [IdentityEvidence]
    /// How the container runtime fares.
    let runtime: IdentityStatus?

    /// Looks at the host once.
    ///
    /// - Parameter runtime: which container runtime is asked; nil for none. It has three seconds.
    public init(runtime: RuntimePods.Settings? = Configuration().runtime) throws(SystemError) {
        let source = RuntimePods(runtime)
        try source.start {}
        defer { source.stop() }
        source.waitUntilAsked(for: RuntimePods.patience)
        var reader = HostInventoryReader(readers: SharedReaders())
        var resolver = EntityResolver(node: Host.nodeName, providers: source.chain)
        (census, evidence) = resolver.evidence(for: try reader.read())
        self.runtime = source.status.isWanted ? source.status : nil
    }

    /// A table, the pods first.
    public var text: String {
        var rows = [["NAMESPACE", "POD", "KIND", "NETNS", "PROCESSES", "ADDRESSES", "KNOWN BY", "BECAUSE"]]
        for item in ordered {
            rows.append([
                item.entity.podNamespace.isEmpty ? "-" : item.entity.podNamespace, item.entity.podName,
                item.entity.kind.rawValue,
                item.subject.isHostNetwork ? "host" : "\(item.subject.namespace.id.rawValue)",
                "\(processes(of: item).count)", addresses(of: item).joined(separator: " "),
                item.provider.isEmpty ? "nobody" : item.provider, item.reason,
            ])
        }
        return TextTable.text(rows.map { row in row.map { $0.isEmpty ? "-" : $0 } }) + note
    }

    /// The same as JSON, with the state of the runtime.
    public var json: String {
        JSONValue.object([
            (
                "pods",
                .array(
                    ordered.map { item in
                        .object([
                            ("k8s_namespace", .string(item.entity.podNamespace)),
                            ("k8s_pod", .string(item.entity.podName)),
                            ("kind", .string(item.entity.kind.rawValue)),
                            ("netns", .integer(item.subject.namespace.id.rawValue)),
                            ("host_network", .bool(item.subject.isHostNetwork)),
                            ("container", JSONValue(item.subject.container?.id)),
                            ("processes", .array(processes(of: item).map { .integer(UInt64($0.pid)) })),
                            ("addresses", .array(addresses(of: item).map { .string($0) })),
                            (
                                "labels",
                                .object(
                                    item.entity.labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
                            ),
                            ("provider", JSONValue(item.provider.isEmpty ? nil : item.provider)),
                            ("reason", JSONValue(item.reason.isEmpty ? nil : item.reason)),
                        ])
                    })
            ),
            ("runtime", runtime?.json ?? .null),
        ]).text
    }

    /// How the runtime fares, where it may be why a pod has no name.
    var note: String {
        guard let runtime else { return "" }
        if let failure = runtime.failure { return "\nno container runtime answers: \(failure.message)\n" }
        return "\n\(counted(runtime.pods, "pod")) of \(runtime.peer)\n"
    }

    private var ordered: [IdentityEvidence] {
        func key(_ item: IdentityEvidence) -> (Int, String, String) {
            (item.entity.kind == .pod ? 0 : 1, item.entity.podNamespace, item.entity.podName)
        }
        return evidence.sorted { key($0) < key($1) }
    }

    /// The processes that count as an entity's.
    func processes(of item: IdentityEvidence) -> [HostProcess] {
        census.inventory.processes.enumerated().filter { position, _ in
            census.entities.entities[Int(census.entityOfProcess[position])] == item.entity
        }.map(\.element)
    }

    /// The addresses of a subject's own namespace.
    func addresses(of item: IdentityEvidence) -> [String] {
        item.subject.isHostNetwork
            ? []
            : census.inventory.addresses.tenures.filter { _, tenures in
                tenures.contains { $0.isCurrent && $0.namespace == item.subject.namespace.id }
            }.map(\.key.description).sorted()
    }
}
