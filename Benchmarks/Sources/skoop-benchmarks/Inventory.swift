// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopIdentity
import SkoopModel

/// TEMPORARY
struct Inventory {
    private var resolver = EntityResolver(node: "benchmark")
    mutating func census() throws(BenchmarkError) -> Census {
        var processes: [HostProcess] = []
        var seen: [UInt64: Int32] = [:]
        let dir = opendir("/proc")!
        defer { closedir(dir) }
        var node: UInt64 = 0
        while let e = readdir(dir) {
            let name = withUnsafePointer(to: &e.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = Int32(name) else { continue }
            var st = stat()
            guard stat("/proc/\(pid)/ns/net", &st) == 0 else { continue }
            if pid == 1 { node = UInt64(st.st_ino) }
            if seen[UInt64(st.st_ino)] == nil { seen[UInt64(st.st_ino)] = pid }
            processes.append(
                HostProcess(
                    pid: pid, startTime: UInt64(pid), namespace: NamespaceID(rawValue: UInt64(st.st_ino)), cgroup: "/"))
        }
        return resolver.resolve(
            HostInventory(
                nodeNamespace: NamespaceID(rawValue: node),
                namespaces: seen.map { NetworkNamespace(id: NamespaceID(rawValue: $0.key), pid: $0.value) },
                processes: processes))
    }
}
