// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import SkoopIdentity
internal import SkoopModel
public import SkoopSystem

/// Finds namespaces and processes by the task pass where the kernel allows it, below `/proc` otherwise.
///
/// The pass replaces the files that `/proc` has for each process; what it cannot say, mount points and the paths of
/// control groups, is still read there, the latter once per group.
public struct HostInventoryReader: InventoryReader, ~Copyable {
    /// The source in use, and why not the task pass.
    public let source: SourceChoice
    private let tasks: TaskReader
    private let proc: String
    private var files: ProcInventoryReader
    private var cgroups = CgroupPathCache()
    private var mounts: NamespaceMountReader
    private var addresses: AddressReader?
    private let births: BirthWatch?

    /// Chooses the source.
    ///
    /// - Parameters:
    ///   - host: where the host's `/proc` is.
    ///   - readers: those of the probes, so that the io probe need not list the tasks again.
    ///   - required: the only source to use; `nil` takes the best.
    ///   - findsAddresses: whether the addresses of namespaces are wanted, by which the ends of packets are named, and what
    ///     has gone again before it could be found.
    public init(
        host: ProbeEnvironment.HostPaths = .init(), readers: SharedReaders = SharedReaders(), required: Source? = nil,
        findsAddresses: Bool = true
    ) {
        tasks = readers.shared { TaskReader() }
        proc = host.proc
        files = ProcInventoryReader(proc: host.proc)
        mounts = NamespaceMountReader(proc: host.proc)
        addresses = findsAddresses ? AddressReader(host, usesPass: required != .procfs) : nil
        births = findsAddresses && required != .procfs ? readers.births : nil
        births?.begin(host)
        guard required != .procfs else {
            source = .configured(.procfs)
            return
        }
        do throws(ProbeError) {
            try tasks.prepare()
            source = SourceChoice(.onePass)
        } catch { source = SourceChoice(.procfs, reason: error.message) }
    }

    /// What is here now.
    public mutating func read() throws(SystemError) -> HostInventory {
        // Before the rest: whoever has the same cookie afterwards has had the number all the while.
        let generations = addresses?.generations()
        var inventory = try list()
        for place in inventory.namespaces.indices {
            inventory.namespaces[place].cookie = generations?[inventory.namespaces[place].id]?.cookie ?? 0
        }
        if let table = addresses?.look(
            at: inventory.namespaces, generations, node: inventory.nodeNamespace, now: MonotonicTime.now.nanoseconds)
        {
            inventory.addresses = table
        }
        // After the rest: what is born meanwhile and is not listed is found at the next reading.
        if let births { inventory.births = births.births() }
        return inventory
    }

    private mutating func list() throws(SystemError) -> HostInventory {
        guard source.source == .onePass, let listing = try? tasks.list(ProblemCounter()) else {
            return try files.read()
        }
        let directory = try FileDescriptor(open: proc, flags: O_DIRECTORY)
        let node = NamespaceID(rawValue: try directory.nodeNetworkNamespace())
        cgroups.beginScan()
        var processes: [HostProcess] = []
        processes.reserveCapacity(listing.processes.count)
        for process in listing.processes where process.group.namespace.rawValue != 0 {
            let group = process.group
            let stamp = process.started ^ group.cgroup &* 31 ^ group.cpuCgroup &* 37 ^ group.memoryCgroup &* 41
            guard let groups = try? cgroups.paths(of: process.pid, stamp: stamp, in: directory) else { continue }
            processes.append(
                HostProcess(
                    pid: process.pid, startTime: process.startTicks, namespace: group.namespace, cgroup: groups.path,
                    cpuCgroup: groups.cpu))
        }
        // Hardened hosts hide the first process from iterators; without it nobody knows what is around all containers.
        if processes.first?.pid != 1, let groups = try? cgroups.paths(of: 1, stamp: 0, in: directory) {
            processes.insert(
                HostProcess(pid: 1, startTime: 0, namespace: node, cgroup: groups.path, cpuCgroup: groups.cpu), at: 0)
        }
        cgroups.endScan()
        return HostInventory(nodeNamespace: node, processes: processes, mounts: mounts.read())
    }
}
