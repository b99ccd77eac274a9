// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Which events somebody wants to see; every condition that is set must hold.
public struct EventFilter: Sendable, Hashable {
    /// A pod, or what stands in its place.
    public struct Pod: Sendable, Hashable {
        /// Its namespace; nil for any.
        public var namespace: String?
        /// Its name.
        public var name: String

        /// Makes one.
        public init(namespace: String? = nil, name: String) {
            self.namespace = namespace
            self.name = name
        }

        /// Reads `namespace/name`, or a name alone for whatever namespace.
        public init(_ text: String) {
            // A mount path has slashes too, but begins with a name that no namespace has.
            let parts = text.hasPrefix("netns:") ? [] : text.split(separator: "/", maxSplits: 1)
            if parts.count == 2 {
                self.init(namespace: String(parts[0]), name: String(parts[1]))
            } else {
                self.init(name: text)
            }
        }

        fileprivate func matches(_ namespace: String, _ name: String) -> Bool {
            name == self.name && namespace == self.namespace ?? namespace
        }
    }

    /// Names of types or of probes, without regard to case; empty for all.
    public var types: Set<String> {
        didSet { lowercased = Set(types.map { $0.lowercased() }) }
    }
    /// Pods to which it happened, or which are one of the ends; empty for all.
    public var pods: [Pod] = []
    /// Network namespaces; empty for all.
    public var namespaces: Set<NamespaceID> = []
    /// Nanoseconds since 1970 before which nothing is wanted; of repeats the last counts.
    public var since: UInt64 = 0
    private var lowercased: Set<String>

    /// Makes a filter that lets pass everything.
    public init(types: Set<String> = []) {
        self.types = types
        lowercased = Set(types.map { $0.lowercased() })
    }

    /// Whether an event is wanted.
    public func matches(_ event: Event) -> Bool {
        if !lowercased.isEmpty, !lowercased.contains(event.type.name.lowercased()),
            !lowercased.contains(event.type.probe)
        {
            return false
        }
        if event.lastTimestamp < since { return false }
        if !namespaces.isEmpty, !namespaces.contains(event.entity.namespace) { return false }
        guard !pods.isEmpty else { return true }
        return pods.contains { pod in
            pod.matches(event.entity.podNamespace, event.entity.podName)
                || [event.source, event.destination].contains { $0.kind == .pod && pod.matches($0.namespace, $0.pod) }
        }
    }
}
