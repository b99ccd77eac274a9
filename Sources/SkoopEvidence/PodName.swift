// SPDX-License-Identifier: Apache-2.0

/// A pod as people name it: `namespace/name`, or a name in whatever namespace.
public struct PodName: Sendable, Hashable, CustomStringConvertible {
    /// Its namespace; nil for any.
    public var namespace: String?
    /// Its name, or what stands in its place.
    public var name: String

    /// Reads a name; nil for what cannot be one.
    public init?(_ text: String) {
        // A mount path has slashes too, but begins with a name that no namespace has.
        let parts =
            text.hasPrefix("netns:") ? [text[...]] : text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            !parts.contains(where: { $0.isEmpty || $0.contains(where: \.isWhitespace) })
        else { return nil }
        namespace = parts.count == 2 ? String(parts[0]) : nil
        name = String(parts[parts.count - 1])
    }

    /// Whether a pod is meant.
    public func matches(namespace: String, name: String) -> Bool {
        name == self.name && namespace == self.namespace ?? namespace
    }

    /// As it is read.
    public var description: String { namespace.map { "\($0)/\(name)" } ?? name }
}
