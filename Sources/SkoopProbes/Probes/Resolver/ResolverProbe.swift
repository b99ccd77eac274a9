// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// The resolver's configuration of every entity: `/etc/resolv.conf` as one of its processes sees it.
///
/// Needs `CAP_SYS_PTRACE` for the processes of others (`/proc/<pid>/root`), and Linux 5.6. A file is read again at every
/// sixteenth scrape only, or when that process has ended: it hardly ever changes.
public struct ResolverProbe: Probe {
    /// Read from the root directories of processes.
    public static let definition = ProbeDefinition(ResolverMetric.self, sources: [.procfs])

    private struct Known {
        var pid: Int32
        var startTime: UInt64
        /// Nil where there is no file.
        var configuration: ResolverConfiguration?
    }

    /// At how many scrapes a file is read once.
    private static let rotation: UInt64 = 16
    /// The C library reads lines of any length; nobody writes so many.
    private static let largest = 1 << 16
    /// How many processes of an entity are looked at for one with files of its own.
    private static let mostLooks = 32

    /// Always procfs.
    public let source = SourceChoice(.procfs)
    private let host: ProbeEnvironment.HostPaths
    private var known: [NamespaceID: Known] = [:]

    /// Needs nothing that could be missing.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) { host = environment.host }

    /// Reads the files that are due.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let census = scrape.census
        var processes = [[HostProcess]](repeating: [], count: census.entities.entities.count)
        for (process, entity) in zip(census.inventory.processes, census.entityOfProcess) {
            processes[Int(entity)].append(process)
        }
        let node = mountNamespace(of: 1)
        var families: [ResolverMetric: Family] = [:]
        var left: [NamespaceID: Known] = [:]
        for (entity, processes) in processes.enumerated() where !processes.isEmpty {
            let namespace = census.entities.entities[entity].namespace
            let old = known[namespace].flatMap { old in
                processes.contains { $0.pid == old.pid && $0.startTime == old.startTime } ? old : nil
            }
            var one: Known
            if let old, (scrape.number &+ UInt64(entity)) % Self.rotation != 0 {
                one = old
            } else {
                // Somebody may have entered the pod's network with the node's files; its own processes have theirs.
                let best = processes.prefix(Self.mostLooks).first { mountNamespace(of: $0.pid) != node } ?? processes[0]
                one = Known(pid: best.pid, startTime: best.startTime)
                one.configuration = read(best.pid, scrape) ?? known[namespace]?.configuration
            }
            one.configuration?.append(to: &families, for: EntityTable.Index(entity))
            left[namespace] = one
        }
        known = left
        return ResolverMetric.allCases.map { families[$0] ?? Family($0.metric) }
    }

    /// Its inode number; nil where the process has ended or cannot be looked at.
    private func mountNamespace(of pid: Int32) -> UInt64? {
        (try? FileIdentity(path: "\(host.proc)/\(pid)/ns/mnt"))?.inode
    }

    private func read(_ pid: Int32, _ scrape: Scrape) -> ResolverConfiguration? {
        do throws(SystemError) {
            let root = try FileDescriptor(open: "\(host.proc)/\(pid)/root", flags: O_DIRECTORY)
            return ResolverConfiguration(
                parsing: try FileContent.read("etc/resolv.conf", inRoot: root, atMost: Self.largest))
        } catch {
            // Processes end, and images without a C library need no such file.
            if !error.isAbsence { scrape.problems.record(error.isDenial ? "resolver-denied" : "resolver-unreadable") }
            return nil
        }
    }
}
