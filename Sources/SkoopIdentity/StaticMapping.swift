// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// One entry of a mapping file: which namespace or container is to be shown as which pod.
public struct StaticMapping: Sendable, Hashable {
    /// What an entry applies to.
    public enum Target: Sendable, Hashable {
        /// The namespace bind-mounted at this path.
        case mountPath(String)
        /// The namespace whose bind mount has this file name, for example one made with `ip netns add`.
        case mountName(String)
        /// The namespace with this inode number.
        case namespace(NamespaceID)
        /// The container whose identifier begins with these hexadecimal digits, or has this name.
        case container(String)
    }

    /// What the entry applies to.
    public var target: Target
    /// Value of the label `k8s_namespace`.
    public var podNamespace: String
    /// Value of the label `k8s_pod`.
    public var podName: String
    /// The pod's labels.
    public var labels: [String: String]

    /// Makes an entry.
    ///
    /// - Throws: when the name cannot stand for a pod.
    public init(
        target: Target, podNamespace: String = "", podName: String, labels: [String: String] = [:]
    ) throws(StaticMappingError) {
        if podName.isEmpty { throw .emptyPodName }
        if EntityIdentity.reservedPrefixes.contains(where: podName.hasPrefix) { throw .reservedPodName(podName) }
        self.target = target
        self.podNamespace = podNamespace
        self.podName = podName
        self.labels = labels
    }

    func matches(_ subject: EntitySubject) -> Bool {
        if case .container(let wanted) = target {
            guard let container = subject.container else { return false }
            if container.id == wanted { return true }
            return container.isHexadecimal && wanted.utf8.count >= 12 && container.id.utf8.starts(with: wanted.utf8)
        }
        guard !subject.isHostNetwork else { return false }
        let mounts = subject.namespace.mountPaths
        return switch target {
        case .mountPath(let path): mounts.contains { $0.isMountPath(path) }
        case .mountName(let name): mounts.contains { $0.mountName == name }
        case .namespace(let id): subject.namespace.id == id
        case .container: false
        }
    }
}

extension StaticMapping.Target {
    /// Parses a namespace as people write it: a path, a mount name, an inode number, or `net:[<inode>]`.
    public init(netns text: String) throws(StaticMappingError) {
        let digits = text.hasPrefix("net:[") && text.hasSuffix("]") ? text.dropFirst(5).dropLast() : text[...]
        if let inode = UInt64(digits) {
            guard inode > 0 else { throw .invalidNamespace(text) }
            self = .namespace(NamespaceID(rawValue: inode))
        } else if text.hasPrefix("/") {
            self = .mountPath(text)
        } else if text.isEmpty || text.contains("/") || text.hasPrefix("net:[") {
            throw .invalidNamespace(text)
        } else {
            self = .mountName(text)
        }
    }

    /// Parses a container identifier: 12 to 64 hexadecimal digits, or the name of an LXC container or a machine.
    public init(container text: String) throws(StaticMappingError) {
        let count = text.utf8.count
        guard count > 0, !text.contains("/") else { throw .invalidContainer(text) }
        if text.utf8.allSatisfy(\.isLowerHexadecimalDigit) {
            // An LXC container may well be called c1 or db; 8 to 11 digits are more likely too short a prefix.
            guard count < 8 || count >= 12 && count <= ContainerID.digits else { throw .invalidContainer(text) }
        }
        self = .container(text)
    }
}

/// An entry of a mapping file that cannot be used.
public enum StaticMappingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The entry has no value for `k8s_pod`.
    case emptyPodName
    /// The value of `k8s_pod` looks like one of those made for what is no pod.
    case reservedPodName(String)
    /// The text names no network namespace.
    case invalidNamespace(String)
    /// The text names no container.
    case invalidContainer(String)
    /// Two entries apply to the same thing.
    case duplicateTarget(StaticMapping.Target)

    /// One line: what is wrong and what is allowed.
    public var description: String {
        switch self {
        case .emptyPodName: "k8s_pod is empty, a name is needed"
        case .reservedPodName(let name):
            "k8s_pod \"\(name)\" is reserved, names must not start with container: or netns:"
        case .invalidNamespace(let text):
            "\"\(text)\" names no network namespace, allowed are a path, a mount name, an inode number and net:[<inode>]"
        case .invalidContainer(let text):
            "\"\(text)\" names no container, allowed are 12 to 64 hexadecimal digits in lower case, or a name"
        case .duplicateTarget(let target): "two entries apply to \(target)"
        }
    }
}

extension StaticMapping.Target: CustomStringConvertible {
    /// The target as it is written in a mapping file.
    public var description: String {
        switch self {
        case .mountPath(let path): "netns \"\(path)\""
        case .mountName(let name): "netns \"\(name)\""
        case .namespace(let id): "netns \(id.rawValue)"
        case .container(let id): "container \"\(id)\""
        }
    }
}

extension NetworkNamespace {
    /// All known bind mounts, the preferred one first.
    var mountPaths: [String] { (mountPath.map { [$0] } ?? []) + otherMountPaths }
}

extension String {
    /// The last component of a path.
    var mountName: Substring { self[(lastIndex(of: "/").map { index(after: $0) } ?? startIndex)...] }

    /// Whether the path is `other`, be it written with `/var/run` for `/run`, or seen through the root of process 1.
    fileprivate func isMountPath(_ other: String) -> Bool {
        let (path, other) = (withoutVar, other.withoutVar)
        return path == other || path.hasSuffix("/1/root" + other)
    }
}
