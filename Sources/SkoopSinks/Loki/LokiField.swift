// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What of an event can stand beside its line, as a label of its stream or as structured metadata.
enum LokiField: String, Sendable, Hashable, CaseIterable {
    /// The node, as KubeSkoop calls it.
    case instance
    /// The event's name.
    case type
    case probe
    /// What the entity is.
    case kind
    case k8s_namespace
    case k8s_pod
    case container
    case netns
    case `protocol`
    case src
    case sport
    case dst
    case dport
    case process
    /// All typed fields, lists excepted: under their names, or where those are taken with `field_` before them.
    case fields

    /// Those of few values, which may be labels.
    static let labels: [LokiField] = [.instance, .type, .probe, .kind, .k8s_namespace]

    /// Hands over names and values; empty values are left out.
    func add(_ event: Event, _ body: (_ name: String, _ value: String) -> Void) {
        func add(_ value: String?) { if let value, !value.isEmpty { body(rawValue, value) } }
        switch self {
        case .instance: add(event.node)
        case .type: add(event.type.name)
        case .probe: add(event.type.probe)
        case .kind: add(event.entity.kind.rawValue)
        case .k8s_namespace: add(event.entity.podNamespace)
        case .k8s_pod: add(event.entity.podName)
        case .container: add(event.entity.container)
        case .netns: add("\(event.entity.namespace.rawValue)")
        case .protocol: add(event.tuple?.protocolName)
        case .src: add(event.tuple?.source.address.description)
        case .sport: add(event.tuple.map { "\($0.source.port)" })
        case .dst: add(event.tuple?.destination.address.description)
        case .dport: add(event.tuple.map { "\($0.destination.port)" })
        case .process: add(event.process?.command)
        case .fields:
            for (field, value) in zip(event.type.fields, event.values) {
                guard let value, value.form != .list, !value.text.isEmpty else { continue }
                body(LokiField(rawValue: field.name) == nil ? field.name : "field_" + field.name, value.text)
            }
        }
    }
}
