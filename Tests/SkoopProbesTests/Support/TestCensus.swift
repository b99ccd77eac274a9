// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting

extension Census {
    /// A census in which every namespace but the node's is an entity of its own and every process belongs to the
    /// entity of its namespace.
    ///
    /// - Parameters:
    ///   - node: the node's namespace, its process first.
    ///   - namespaces: the others.
    ///   - processes: the processes; where empty, one per namespace that names its process.
    static func test(
        node: NetworkNamespace, _ namespaces: [NetworkNamespace] = [], processes: [HostProcess] = []
    ) -> Census {
        var table = EntityTable(node: "test", nodeEntity: Entity(kind: .node, namespace: node.id))
        var entities = [node.id: EntityTable.nodeIndex]
        for namespace in namespaces {
            entities[namespace.id] = table.append(
                Entity(kind: .unknown, namespace: namespace.id, podName: "net:\(namespace.id.rawValue)"))
        }
        var processes = processes
        if processes.isEmpty {
            processes = ([node] + namespaces).compactMap { namespace in
                namespace.pid.map { HostProcess(pid: $0, startTime: 1, namespace: namespace.id, cgroup: "/") }
            }
        }
        return Census(
            inventory: HostInventory(
                nodeNamespace: node.id, namespaces: [node] + namespaces, processes: processes),
            entities: table, entityOfNamespace: entities,
            entityOfProcess: processes.map { entities[$0.namespace] ?? EntityTable.nodeIndex })
    }

    /// The live node's namespace as seen by this process, and others.
    static func live(_ namespaces: [NetworkNamespace] = []) throws -> Census {
        .test(node: NetworkNamespace(id: try .ofProcess(getpid()), pid: getpid()), namespaces)
    }
}

extension Scrape {
    /// A scrape of the live node and of others.
    static func live(_ namespaces: [NetworkNamespace] = []) throws -> Scrape {
        Scrape(number: 1, census: try .live(namespaces))
    }
}

extension NamespaceID {
    /// The namespace that a live process is in.
    static func ofProcess(_ pid: Int32) throws -> NamespaceID {
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net")
        return NamespaceID(rawValue: UInt64(link.dropFirst(5).dropLast()) ?? 0)
    }
}

extension NetworkNamespace {
    /// A test's namespace, entered by its mount.
    init(mountOf namespace: borrowing TestNamespace) {
        self.init(id: NamespaceID(rawValue: namespace.inode), mountPath: namespace.path)
    }

    /// The namespace of `Tests/Fixtures/procfs`.
    static let fixture = NetworkNamespace(id: NamespaceID(rawValue: 4_026_532_999), pid: 4242)
}

extension ProbeEnvironment.HostPaths {
    /// The `/proc` of `Tests/Fixtures/procfs`.
    static let fixture = ProbeEnvironment.HostPaths(proc: Fixtures.path("procfs/proc"))
}
