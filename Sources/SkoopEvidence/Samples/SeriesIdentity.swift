// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What a series of a metrics page or server is: which metric of the catalogue, whose, and which part of it.
struct SeriesIdentity: Hashable {
    /// Which part of a row a series holds.
    enum Part: Hashable {
        /// All of it.
        case value
        /// The observations up to a bound, in the unit of the metric's stored integers; nil for all.
        case bucket(UInt64?)
        /// The sum of a histogram's observations.
        case sum
        /// Their number.
        case count
    }

    var metric: Metric
    /// Whether the series has another name than the metric.
    var isAlias: Bool
    var part: Part
    /// The node's name; nil where the labels do not say it.
    var node: String?
    /// Who was asked: the label `instance`, which servers add.
    var origin: String
    /// Without a namespace number, unless the name has it.
    var entity: Entity
    /// The values of the metric's extra labels.
    var labels: [String]

    /// What a series is called and labelled; nil for metrics that the catalogue does not know.
    init?(name: String, labels pairs: [(name: String, value: String)]) {
        guard let (metric, part, spelling) = Self.metric(named: name, pairs) else { return nil }
        self.metric = metric
        self.part = part
        isAlias = metric.name != spelling
        func value(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        origin = value("instance") ?? ""
        // The first releases called them target_*, and so did servers that renamed what collided.
        let node = value("k8s_node") ?? value("target_node") ?? value("node")
        self.node = node.flatMap { $0.isEmpty ? nil : $0 }
        switch metric.labels {
        case .entity:
            let namespace = value("k8s_namespace") ?? value("target_namespace") ?? value("namespace") ?? ""
            let pod = value("k8s_pod") ?? value("target_pod") ?? value("pod") ?? ""
            entity = Entity(podNamespace: namespace, podName: pod)
        case .node, .plain:
            entity = Entity(podNamespace: "", podName: "")
        }
        labels = metric.labels.extra.map { value($0) ?? "" }
    }

    /// How many decimal digits of the stored integer stand behind the point.
    var decimals: Int {
        switch part {
        case .value, .sum: metric.decimals
        case .bucket, .count: 0
        }
    }

    private static func metric(
        named name: String, _ pairs: [(name: String, value: String)]
    ) -> (metric: Metric, part: Part, spelling: String)? {
        for ending in ["_bucket", "_sum", "_count"] where name.hasSuffix(ending) {
            let stem = String(name.dropLast(ending.count))
            guard let metric = Catalogue.metric(named: stem), metric.kind == .histogram else { continue }
            if ending != "_bucket" { return (metric, ending == "_sum" ? .sum : .count, stem) }
            guard let bound = pairs.first(where: { $0.name == "le" })?.value else { return nil }
            if bound == "+Inf" { return (metric, .bucket(nil), stem) }
            return StoredNumber.parse(bound.utf8, decimals: metric.decimals).map { (metric, .bucket($0), stem) }
        }
        // Some collectors give counters the ending that OpenMetrics wants.
        let found =
            Catalogue.metric(named: name)
            ?? (name.hasSuffix("_total") ? Catalogue.metric(named: String(name.dropLast("_total".count))) : nil)
        return found.flatMap { $0.kind == .histogram ? nil : ($0, .value, name) }
    }
}

extension Entity {
    /// The entity that labels name: without both it is the node itself.
    init(podNamespace: String, podName: String) {
        var kind = Kind.pod
        var namespace = NamespaceID(rawValue: 0)
        // What is no pod is named with a colon, which no pod's name has, and KubeSkoop of old named the node so.
        if podName.isEmpty && podNamespace.isEmpty || podName == "hostNetwork" {
            self.init(kind: .node, namespace: namespace)
            return
        }
        if podNamespace.isEmpty, podName.hasPrefix("container:") { kind = .container }
        if podNamespace.isEmpty, podName.hasPrefix("netns:") {
            kind = .namespace
            let number = podName.dropFirst("netns:[".count).dropLast()
            if podName.hasPrefix("netns:["), podName.hasSuffix("]"), let inode = UInt64(number) {
                kind = .unknown
                namespace = NamespaceID(rawValue: inode)
            }
        }
        self.init(kind: kind, namespace: namespace, podNamespace: podNamespace, podName: podName)
    }
}
