// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

extension Scrape {
    /// A scrape that knows the calling thread's own namespace only, for comparing sources with each other.
    static func ofOwnNamespace(proc: String) throws(ProbeError) -> Scrape {
        let inode = try ProbeError.wrap { () throws(SystemError) in try NamespaceHandle.current().inode }
        let id = NamespaceID(rawValue: inode)
        let namespace = NetworkNamespace(id: id, pid: getpid())
        return Scrape(
            number: 0,
            census: Census(
                inventory: HostInventory(nodeNamespace: id, namespaces: [namespace], processes: []),
                entities: EntityTable(node: ""), entityOfNamespace: [id: EntityTable.nodeIndex], entityOfProcess: []))
    }
}

extension SourceChoice {
    /// A source that the configuration asks for.
    static func configured(_ source: Source) -> SourceChoice {
        SourceChoice(source, reason: "set in the configuration")
    }
}
