// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// Open descriptors and sockets of every entity's processes: the links in `/proc/<pid>/fd`.
///
/// Each process counts once, whatever the number of its threads. Needs `CAP_SYS_PTRACE` for the processes of others; an
/// entity one of whose processes cannot be read has no row. The cost grows with the number of open descriptors, about a
/// microsecond each.
public struct FDProbe: Probe {
    /// Read from procfs only.
    public static let definition = ProbeDefinition(
        FDMetric.self, sources: [.procfs], arguments: [ContainerLabel.argument])

    private struct Key: Hashable {
        var entity: EntityTable.Index
        var container: String
    }

    private struct Count {
        var descriptors: UInt64 = 0
        var sockets: UInt64 = 0
        var hasProcess = false
        var isIncomplete = false
    }

    /// Always procfs.
    public let source = SourceChoice(.procfs)
    private let host: ProbeEnvironment.HostPaths
    private let label: ContainerLabel

    /// Needs nothing that could be missing.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        host = environment.host
        label = ContainerLabel(environment)
    }

    /// Reads the descriptors of every process; one that ends meanwhile is not counted.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let proc: FileDescriptor
        do { proc = try FileDescriptor(open: host.proc, flags: O_DIRECTORY) } catch {
            throw ProbeError(.unreadable, error.description)
        }
        let census = scrape.census
        var counts: [Key: Count] = [:]
        var reader = DirectoryReader()
        for (position, process) in census.inventory.processes.enumerated() {
            let key = Key(
                entity: census.entityOfProcess[position], container: label.container(ofProcess: position, census) ?? "")
            do throws(SystemError) {
                let directory = try FileDescriptor(open: "\(process.pid)/fd", in: proc, flags: O_DIRECTORY)
                var (descriptors, sockets): (UInt64, UInt64) = (0, 0)
                try reader.forEach(in: directory) { entry in
                    // One that cannot be read was closed meanwhile.
                    guard let isSocket = entry.linkTarget(startsWith: "socket:") else { return }
                    descriptors += 1
                    if isSocket { sockets += 1 }
                }
                counts[key, default: Count()].descriptors += descriptors
                counts[key]?.sockets += sockets
                counts[key]?.hasProcess = true
            } catch {
                if error.isAbsence { continue }
                counts[key, default: Count()].isIncomplete = true
                scrape.problems.record(error.isDenial ? "fd-denied" : "fd-unreadable")
            }
        }
        let rows = counts.filter { $0.value.hasProcess && !$0.value.isIncomplete }.sorted {
            ($0.key.entity, $0.key.container) < ($1.key.entity, $1.key.container)
        }
        return FDMetric.allCases.map { metric in
            var family = Family(label.metric(metric.metric), reserving: rows.count)
            for (key, count) in rows {
                let value = metric == .openfd ? count.descriptors : count.sockets
                label.append(value, for: key.entity, container: key.container, to: &family)
            }
            return family
        }
    }
}
