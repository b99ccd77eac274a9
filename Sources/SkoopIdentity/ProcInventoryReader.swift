// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopModel
public import SkoopSystem

/// Finds namespaces and processes below `/proc`.
///
/// A scan costs one directory listing and one `readlink` for each process; the rest is read once for a new process and
/// again from time to time. Processes that end meanwhile are left out, those that may not be read are counted in
/// ``unreadableProcesses``. Root sees all; without it, or under `hidepid`, what is seen is this user's.
public struct ProcInventoryReader: InventoryReader, ~Copyable {
    private struct Known {
        var inode: UInt64
        var startTime: UInt64
        var seenInScan: UInt64
    }

    private let root: String
    private var entries = DirectoryReader()
    private var buffer = FileBuffer(capacity: 4096)
    private var mounts: NamespaceMountReader
    private var cgroups = CgroupPathCache()
    private var known: [Int32: Known] = [:]
    private var scan: UInt64 = 0

    /// How many processes the last read had to leave out for lack of permission.
    public private(set) var unreadableProcesses = 0

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - proc: where `/proc` is.
    ///   - nameDirectories: where names of namespaces are looked for beside the mount tables.
    public init(proc: String = "/proc", nameDirectories: [String] = NamespaceMountReader.usualDirectories) {
        root = proc
        mounts = NamespaceMountReader(proc: proc, directories: nameDirectories)
    }

    /// What is here now.
    ///
    /// - Throws: when `/proc` cannot be listed, or neither process 1 nor this one shows its namespace.
    public mutating func read() throws(SystemError) -> HostInventory {
        let proc = try FileDescriptor(open: root, flags: O_DIRECTORY)
        let node = try proc.nodeNamespace()
        var found: [(pid: Int32, inode: UInt64)] = []
        found.reserveCapacity(known.count + 16)
        try entries.forEach(in: proc) { entry in
            if let number = entry.number, let pid = Int32(exactly: number) { found.append((pid, entry.inode)) }
        }
        scan += 1
        unreadableProcesses = 0
        cgroups.beginScan()
        var processes: [HostProcess] = []
        processes.reserveCapacity(found.count)
        for (pid, inode) in found {
            do {
                processes.append(try process(pid, inode: inode, node: node, in: proc))
            } catch {
                if error.isDenial { unreadableProcesses += 1 }
            }
        }
        cgroups.endScan()
        if known.count != processes.count {
            let scan = scan
            known = known.filter { $0.value.seenInScan == scan }
        }
        return HostInventory(nodeNamespace: node, processes: processes, mounts: mounts.read())
    }

    private mutating func process(
        _ pid: Int32, inode: UInt64, node: NamespaceID, in proc: borrowing FileDescriptor
    ) throws(SystemError) -> HostProcess {
        let namespace = try namespace(of: pid, node: node, in: proc)
        let startTime = try startTime(of: pid, inode: inode, in: proc)
        let groups = try cgroups.paths(of: pid, stamp: startTime, in: proc)
        return HostProcess(
            pid: pid, startTime: startTime, namespace: namespace, cgroup: groups.path, cpuCgroup: groups.cpu)
    }

    private mutating func namespace(
        of pid: Int32, node: NamespaceID, in proc: borrowing FileDescriptor
    ) throws(SystemError) -> NamespaceID {
        // Whatever process 1 may hide, its namespace is by definition the node's.
        if pid == 1 { return node }
        do {
            return NamespaceID(rawValue: try proc.networkNamespace(ofProcess: pid))
        } catch {
            guard error.errno == ENOENT else { throw error }
            // The main thread may have ended before the others.
            let directory = try FileDescriptor(open: "\(pid)/task", in: proc, flags: O_DIRECTORY)
            var threads: [UInt64] = []
            try entries.forEach(in: directory) { if let number = $0.number { threads.append(number) } }
            for thread in threads {
                if let inode = try? directory.networkNamespace(link: "\(thread)/ns/net") {
                    return NamespaceID(rawValue: inode)
                }
            }
            throw error
        }
    }

    private mutating func startTime(
        of pid: Int32, inode: UInt64, in proc: borrowing FileDescriptor
    ) throws(SystemError) -> UInt64 {
        // A process keeps the inode of its directory while it lives, and the next with its number gets another.
        if let old = known[pid], old.inode == inode {
            known[pid]?.seenInScan = scan
            return old.startTime
        }
        let name = "\(pid)/stat"
        try buffer.read(name, in: proc)
        guard let stat = ProcessStat(buffer.bytes) else { throw SystemError("parse", name, errno: EINVAL) }
        known[pid] = Known(inode: inode, startTime: stat.startTime, seenInScan: scan)
        return stat.startTime
    }
}

extension FileDescriptor {
    /// The node's network namespace, this being a directory `/proc`: that of process 1, or this process's own where
    /// process 1 does not show its.
    public borrowing func nodeNamespace() throws(SystemError) -> NamespaceID {
        do {
            return NamespaceID(rawValue: try networkNamespace(ofProcess: 1))
        } catch {
            return NamespaceID(rawValue: try networkNamespace(link: "self/ns/net"))
        }
    }
}
