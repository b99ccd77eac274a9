// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopEvidence
import SkoopIdentity
import SkoopModel
import SkoopSystem

/// Why a process, an address or a network namespace counts as whose it does: `skoop explain-identity`.
extension HostPods {
    /// Explains one, step by step.
    ///
    /// - Parameter text: a process number; an address; a namespace's number, `net:[…]`, mount name or path.
    /// - Throws: when there is no such thing on this host.
    public func explain(_ text: String) throws(EvidenceError) -> String {
        if let address = IPAddress(text) { return try explain(address) }
        if let id = namespace(text) { return lines(of: id) + note }
        if let pid = Int32(text) { return try explain(pid: pid) }
        throw EvidenceError(
            text,
            "is no process, address or network namespace of this host; expected a process number, an IPv4 or IPv6 "
                + "address, an inode number, net:[number], or the name or path of a mount")
    }

    /// A number may be a process's or a namespace's; namespaces begin far above what processes reach.
    private func namespace(_ text: String) -> NamespaceID? {
        let number = text.hasPrefix("net:[") && text.hasSuffix("]") ? String(text.dropFirst(5).dropLast()) : text
        if let id = UInt64(number).map({ NamespaceID(rawValue: $0) }) {
            return id == .nowhere || census.entityOfNamespace[id] == nil ? nil : id
        }
        return census.inventory.namespaces.first { namespace in
            ([namespace.mountPath].compactMap { $0 } + namespace.otherMountPaths).contains {
                $0 == text || $0.split(separator: "/").last.map(String.init) == text
            }
        }?.id
    }

    private func explain(_ address: IPAddress) throws(EvidenceError) -> String {
        let owners = (census.inventory.addresses.tenures[address.unmapped] ?? []).filter(\.isCurrent)
        guard !owners.isEmpty else {
            let what = address.isLoopback ? "is of every namespace by itself" : "is on no device of this host"
            throw EvidenceError("\(address)", "\(what), so its owner is unknown here")
        }
        var text =
            owners.count == 1 ? "" : "\(address) is on devices of \(owners.count) namespaces, from outside unknown\n\n"
        text += owners.map { "\(address) is on a device of\n\(lines(of: $0.namespace))" }.joined(separator: "\n")
        return text + note
    }

    private func explain(pid: Int32) throws(EvidenceError) -> String {
        guard let position = census.inventory.processes.firstIndex(where: { $0.pid == pid }) else {
            throw EvidenceError("\(pid)", "there is no process of this number, or it may not be seen")
        }
        let process = census.inventory.processes[position]
        let entity = census.entities.entities[Int(census.entityOfProcess[position])]
        var text = "process \(pid)\n  control group      \(process.cgroup)\n"
        text += "  network namespace  net:[\(process.namespace.rawValue)]"
        text += process.namespace == census.inventory.nodeNamespace ? ", the node's\n" : "\n"
        text += "  counts as          \(Self.name(of: entity))\n"
        if let item = evidence.first(where: { $0.entity == entity }) {
            text += Self.reasons(item)
        }
        if process.namespace != census.inventory.nodeNamespace { text += "\n" + lines(of: process.namespace) }
        return text + note
    }

    private func lines(of id: NamespaceID) -> String {
        guard id != census.inventory.nodeNamespace else {
            return "network namespace net:[\(id.rawValue)]\n  counts as          the node: it is that of process 1\n"
        }
        guard let item = evidence.first(where: { !$0.subject.isHostNetwork && $0.subject.namespace.id == id }) else {
            return "network namespace net:[\(id.rawValue)]\n  counts as          unknown\n"
        }
        var text = "network namespace net:[\(id.rawValue)]\n"
        if let mount = item.subject.namespace.mountPath { text += "  mounted at         \(mount)\n" }
        if let oldest = item.subject.oldestProcess {
            text += "  oldest process     \(oldest.pid) in \(oldest.cgroup)\n"
        } else {
            text += "  processes          none\n"
        }
        if let container = item.subject.container {
            text += "  container          \(container.id) (\(container.runtime.rawValue)"
            text += container.podUID.isEmpty ? ")\n" : ", of a pod with UID \(container.podUID))\n"
        }
        let addresses = addresses(of: item)
        if !addresses.isEmpty { text += "  addresses          \(addresses.joined(separator: ", "))\n" }
        text += "  counts as          \(Self.name(of: item.entity))\n"
        return text + Self.reasons(item)
    }

    private static func reasons(_ item: IdentityEvidence) -> String {
        let provider = item.provider.isEmpty ? "nobody knows it" : item.provider
        return "  known by           \(provider)\(item.reason.isEmpty ? "" : ": \(item.reason)")\n"
    }

    private static func name(of entity: Entity) -> String {
        switch entity.kind {
        case .node: "the node"
        case .pod: "pod \(entity.podNamespace)/\(entity.podName)"
        case .container, .namespace, .unknown: entity.podName
        }
    }
}
