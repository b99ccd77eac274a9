// SPDX-License-Identifier: Apache-2.0
internal import SkoopIdentity
public import SkoopModel
internal import SkoopSystem

/// CPU limits and throttling of every entity: `cpu.stat` of its control groups, version 1 or 2.
///
/// A container has one control group, whatever it makes below; a pod's containers are added up. A process outside
/// containers stands for its control group if all processes in that belong to one entity. The node itself has no limit
/// and no row. What a control group had counted when it goes stays in the sum.
public struct CPUProbe: Probe {
    /// Read from the control group file systems.
    public static let definition = ProbeDefinition(CPUMetric.self, sources: [.sysfs])

    /// Always sysfs.
    public let source = SourceChoice(.sysfs)
    private let hierarchy: CPUHierarchy
    private var sums = RetainingSum<EntityKey, String>(width: 3)
    /// The control group that stands for each control group a process is in.
    private var standsFor: [String: String] = [:]

    /// Finds the hierarchy that has the `cpu` controller.
    ///
    /// - Throws: `.missingSubsystem` where none is mounted below `/sys/fs/cgroup`.
    public init(_ environment: ProbeEnvironment) throws(ProbeError) {
        guard let hierarchy = CPUHierarchy(sys: environment.host.sys) else {
            throw ProbeError(
                .missingSubsystem,
                "no control group hierarchy with the cpu controller below \(environment.host.sys)/fs/cgroup")
        }
        self.hierarchy = hierarchy
    }

    /// Reads two or three small files per control group.
    public mutating func collect(_ scrape: Scrape) throws(ProbeError) -> [Family] {
        let census = scrape.census
        let keys = census.entities.entities.indices.map { EntityKey(EntityTable.Index($0), census) }
        var limits = [UInt64?](repeating: nil, count: keys.count)
        var buffer = FileBuffer(capacity: 1 << 10)
        sums.begin()
        for (path, entity) in groups(census) {
            do throws(CPUHierarchy.Failure) {
                let bandwidth = try hierarchy.read(path, &buffer)
                sums.add(bandwidth.counters.span, of: path, to: keys[Int(entity)])
                if let limit = bandwidth.limit { limits[Int(entity)] = (limits[Int(entity)] ?? 0) &+ limit }
            } catch .absent {
                continue
            } catch {
                sums.keep(part: path)
                scrape.problems.record(error == .malformed ? "cgroup-cpu-line" : "cgroup-cpu-unreadable")
            }
        }
        // An entity without any control group of its own has no row; one that had any keeps what they counted.
        for key in keys where sums.total(of: key, column: 0) != nil { sums.keep(owner: key) }
        sums.end()
        return families(keys, limits)
    }

    private func families(_ keys: [EntityKey], _ limits: [UInt64?]) -> [Family] {
        CPUMetric.allCases.map { metric in
            var family = Family(metric.metric, reserving: keys.count)
            for (entity, key) in keys.enumerated() {
                let value =
                    if let column = metric.column { sums.total(of: key, column: column) } else { limits[entity] }
                if let value { family.append(value, for: EntityTable.Index(entity)) }
            }
            return family
        }
    }

    /// Where a process is in this hierarchy.
    private func place(of process: HostProcess) -> String {
        hierarchy.isVersionOne ? process.cpuCgroup ?? process.cgroup : process.cgroup
    }

    /// The control groups that belong to one entity each.
    private mutating func groups(_ census: Census) -> [String: EntityTable.Index] {
        let processes = census.inventory.processes
        // Where process 1 is in a container itself, that container is the host here.
        let base = processes.first { $0.pid == 1 }.flatMap { ContainerID(cgroup: place(of: $0))?.cgroup } ?? ""
        let ambiguous: EntityTable.Index = -1
        var used: [String: String] = [:]
        var owners: [String: EntityTable.Index] = [:]
        for (process, entity) in zip(processes, census.entityOfProcess) {
            let place = place(of: process)
            let group = used[place] ?? standsFor[place] ?? ContainerID(cgroup: place, below: base)?.cgroup ?? place
            used[place] = group
            if group == "/" { continue }
            owners[group] = owners[group, default: entity] == entity ? entity : ambiguous
        }
        standsFor = used
        return owners.filter { $0.value != ambiguous && $0.value != EntityTable.nodeIndex }
    }
}

extension CPUMetric {
    /// The position in ``CPUHierarchy/Bandwidth/counters``; `nil` for what is no counter.
    fileprivate var column: Int? {
        switch self {
        case .periods: 0
        case .throttledPeriods: 1
        case .throttledSeconds: 2
        case .limitCores: nil
        }
    }
}
