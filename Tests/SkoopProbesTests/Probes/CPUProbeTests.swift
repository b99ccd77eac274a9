// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct CPUProbeTests {
    private static let ids = ["a", "b", "c"].map { String(repeating: $0, count: 64) }
    private static let pod = "/kubepods/burstable/pod7c0c5b5e-8c1f-4c5e-9d57-0a8d2d3b9c11/"
    private static let node = NetworkNamespace(id: NamespaceID(rawValue: 1), pid: 1)
    private static let namespaces = [2, 3].map { NetworkNamespace(id: NamespaceID(rawValue: $0)) }

    /// A census of processes: control group and namespace; 1 is the node's.
    private func scrape(_ processes: [(String, UInt64)]) -> Scrape {
        let processes = processes.enumerated().map { number, process in
            HostProcess(
                pid: Int32(number + 1), startTime: 1, namespace: NamespaceID(rawValue: process.1), cgroup: process.0)
        }
        return Scrape(number: 1, census: .test(node: Self.node, Self.namespaces, processes: processes))
    }

    private func values(_ families: [Family], _ entity: EntityTable.Index) -> [UInt64?] {
        CPUMetric.allCases.map { families.value($0, entity) }
    }

    /// A file tree as version 2 has it, made by hand: usage first, the rest only where the controller is enabled.
    private func write2(
        _ group: String, _ values: (UInt64, UInt64, UInt64), max: String, in directory: borrowing TemporaryDirectory
    ) throws {
        let (periods, throttled, microseconds) = values
        let text = """
            usage_usec 123456
            user_usec 100000
            system_usec 23456
            core_sched.force_idle_usec 0
            nr_periods \(periods)
            nr_throttled \(throttled)
            throttled_usec \(microseconds)
            nr_bursts 0
            burst_usec 0

            """
        try directory.write(text, to: "fs/cgroup" + group + "/cpu.stat")
        try directory.write(max + "\n", to: "fs/cgroup" + group + "/cpu.max")
    }

    @Test func containersOfAPodAddUpInVersionTwo() throws {
        let sys = try TemporaryDirectory()
        try sys.write("cpuset cpu io memory\n", to: "fs/cgroup/cgroup.controllers")
        let groups = Self.ids.map { Self.pod + "cri-containerd-" + $0 + ".scope" }
        try write2(groups[0], (100, 10, 5000), max: "50000 100000", in: sys)
        try write2(groups[1], (7, 1, 3), max: "max 100000", in: sys)
        try write2(groups[2], (1, 0, 0), max: "150000 100000", in: sys)
        // What a container makes below its own group is inside its limit.
        try write2(groups[0] + "/inner", (1000, 1000, 1000), max: "1000 100000", in: sys)
        var probe = try CPUProbe(ProbeEnvironment(host: .init(sys: sys.path)))
        let first = scrape([
            ("/init.scope", 1), (groups[0], 2), (groups[0] + "/inner", 2), (groups[1], 2), (groups[2], 3),
        ])
        var families = try probe.collect(first)
        #expect(values(families, 0) == [nil, nil, nil, nil])
        #expect(values(families, 1) == [107, 11, 5_003_000, 500])
        #expect(values(families, 2) == [1, 0, 0, 1500])
        #expect(first.problems.all.isEmpty)

        // A container that is replaced by another stays in the sum; its pod has no process for a moment.
        let later = "/kubepods/" + String(repeating: "d", count: 64)
        families = try probe.collect(scrape([("/init.scope", 1), (groups[1], 2)]))
        #expect(values(families, 1) == [107, 11, 5_003_000, nil])
        #expect(values(families, 2) == [1, 0, 0, nil])
        try write2(later, (5, 2, 1), max: "max", in: sys)
        families = try probe.collect(scrape([("/init.scope", 1), (groups[1], 2), (later, 2)]))
        #expect(values(families, 1) == [112, 13, 5_004_000, nil])
        #expect(families.first { $0.metric == CPUMetric.throttledSeconds.metric }?.metric.decimals == 9)
    }

    @Test(arguments: ["/cpu,cpuacct", "/cpu"])
    func versionOneHasOtherFiles(folder: String) throws {
        let sys = try TemporaryDirectory()
        let base = "fs/cgroup" + folder
        try sys.write("nr_periods 0\nnr_throttled 0\nthrottled_time 0\n", to: base + "/cpu.stat")
        let groups = ["/docker/" + Self.ids[0], "/docker/" + Self.ids[1]]
        for (group, quota) in zip(groups, ["20000", "-1"]) {
            try sys.write(
                "nr_periods 35\nnr_throttled 31\nthrottled_time 2834000123\nnr_bursts 0\nburst_time 0\n",
                to: base + group + "/cpu.stat")
            try sys.write(quota + "\n", to: base + group + "/cpu.cfs_quota_us")
            try sys.write("100000\n", to: base + group + "/cpu.cfs_period_us")
        }
        var probe = try CPUProbe(ProbeEnvironment(host: .init(sys: sys.path)))
        let families = try probe.collect(scrape([("/", 1), (groups[0], 2), (groups[1], 3)]))
        #expect(values(families, 1) == [35, 31, 2_834_000_123, 200])
        #expect(values(families, 2) == [35, 31, 2_834_000_123, nil])
    }

    /// Systemd and some runtimes move processes in one hierarchy of version 1 and leave them in another.
    @Test func processesMayBeElsewhereInTheHierarchyOfTheController() throws {
        let sys = try TemporaryDirectory()
        let limits = ["nr_periods": "/cpu.stat", "100000": "/cpu.cfs_period_us", "20000": "/cpu.cfs_quota_us"]
        for group in ["", "/limited", "/memory-only"] {
            for (text, file) in limits {
                let content = text == "nr_periods" ? "nr_periods 9\nnr_throttled 7\nthrottled_time 5\n" : text + "\n"
                try sys.write(content, to: "fs/cgroup/cpu" + group + file)
            }
        }
        let processes = [("/", nil, 1), ("/memory-only", "/limited", 2), ("/memory-only", "/", 3)]
            .enumerated().map { number, one in
                HostProcess(
                    pid: Int32(number + 1), startTime: 1, namespace: NamespaceID(rawValue: one.2), cgroup: one.0,
                    cpuCgroup: one.1)
            }
        var probe = try CPUProbe(ProbeEnvironment(host: .init(sys: sys.path)))
        let census = Census.test(node: Self.node, Self.namespaces, processes: processes)
        let families = try probe.collect(Scrape(number: 1, census: census))
        #expect(values(families, 1) == [9, 7, 5, 200])
        #expect(values(families, 2) == [nil, nil, nil, nil])
    }

    @Test func aGroupOfSeveralEntitiesIsNobodys() throws {
        let sys = try TemporaryDirectory()
        try sys.write("cpu\n", to: "fs/cgroup/cgroup.controllers")
        for group in ["/user.slice", "/shared.service", "/own.service", ""] {
            try write2(group, (4, 3, 2), max: "10000 100000", in: sys)
        }
        var probe = try CPUProbe(ProbeEnvironment(host: .init(sys: sys.path)))
        let families = try probe.collect(
            scrape([
                ("/user.slice", 1), ("/user.slice", 2), ("/shared.service", 3), ("/shared.service", 2), ("/", 3),
                ("/own.service", 3),
            ]))
        #expect(values(families, 1) == [nil, nil, nil, nil])
        #expect(values(families, 2) == [4, 3, 2000, 100])
    }

    @Test func aGroupWithoutTheControllerHasNoValues() throws {
        let sys = try TemporaryDirectory()
        try sys.write("cpu\n", to: "fs/cgroup/cgroup.controllers")
        try sys.write("usage_usec 1\nuser_usec 1\nsystem_usec 0\n", to: "fs/cgroup/a/cpu.stat")
        var probe = try CPUProbe(ProbeEnvironment(host: .init(sys: sys.path)))
        let scrape = scrape([("/", 1), ("/a", 2), ("/gone", 3)])
        let families = try probe.collect(scrape)
        #expect(families.map(\.count) == [0, 0, 0, 0])
        #expect(scrape.problems.all.isEmpty)
    }

    @Test(arguments: [
        ("nr_periods x\nnr_throttled 1\nthrottled_usec 1\n", "max\n"), ("nr_periods 1\n", "max\n"),
        ("nr_periods 1\nnr_throttled 1\nthrottled_usec 18446744073709551615\n", "max\n"),
        ("nr_periods 9\nnr_throttled 9\nthrottled_usec 9\n", ""),
        ("nr_periods 9\nnr_throttled 9\nthrottled_usec 9\n", "10 0\n"),
        ("nr_periods 9\nnr_throttled 9\nthrottled_usec 9\n", "10\n"),
        ("nr_periods 9\nnr_throttled 9\nthrottled_usec 9\n", "18446744073709551615 1\n"),
    ])
    func whatIsMalformedKeepsTheLastValues(stat: String, max: String) throws {
        let sys = try TemporaryDirectory()
        try sys.write("cpu\n", to: "fs/cgroup/cgroup.controllers")
        try write2("/a", (4, 3, 2), max: "max", in: sys)
        var probe = try CPUProbe(ProbeEnvironment(host: .init(sys: sys.path)))
        _ = try probe.collect(scrape([("/", 1), ("/a", 2)]))
        try sys.write(stat, to: "fs/cgroup/a/cpu.stat")
        try sys.write(max, to: "fs/cgroup/a/cpu.max")
        let scrape = scrape([("/", 1), ("/a", 2)])
        let families = try probe.collect(scrape)
        #expect(values(families, 1) == [4, 3, 2000, nil])
        #expect(scrape.problems.all == ["cgroup-cpu-line": 1])
    }

    @Test func withoutAHierarchyTheSubsystemIsMissing() throws {
        let sys = try TemporaryDirectory()
        try sys.write("memory io\n", to: "fs/cgroup/cgroup.controllers")
        let host = ProbeEnvironment.HostPaths(sys: sys.path)
        let error = #expect(throws: ProbeError.self) { try CPUProbe(ProbeEnvironment(host: host)) }
        #expect(error?.reason == .missingSubsystem)
    }
}

/// A control group with the `cpu` controller on the live host, of version 1 or 2, removed when the value goes.
private struct TestCgroup: ~Copyable {
    let name: String
    private let directory: String

    private static let root =
        ["/cpu,cpuacct", "/cpu", ""].map { "/sys/fs/cgroup" + $0 }
        .first { FileManager.default.fileExists(atPath: $0 + "/cgroup.procs") } ?? ""

    /// Makes a group that may use `quota` of each 100 ms.
    init(milliseconds quota: Int) throws {
        let name = "/skoop-test-\(getpid())-cpu"
        let directory = Self.root + name
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        if FileManager.default.fileExists(atPath: directory + "/cpu.max") {
            try Self.write("\(quota * 1000) 100000", to: directory + "/cpu.max")
        } else {
            try Self.write("100000", to: directory + "/cpu.cfs_period_us")
            try Self.write("\(quota * 1000)", to: directory + "/cpu.cfs_quota_us")
        }
        self.name = name
        self.directory = directory
    }

    func add(_ pid: Int32) throws { try Self.write("\(pid)", to: directory + "/cgroup.procs") }

    func statistics() throws -> [String: UInt64] {
        let lines = try String(contentsOfFile: directory + "/cpu.stat", encoding: .utf8).split(separator: "\n")
        return lines.reduce(into: [:]) { all, line in
            let words = line.split(separator: " ")
            all[String(words[0])] = UInt64(words[1])
        }
    }

    private static func write(_ text: String, to file: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    deinit { _ = eventually { rmdir(directory) == 0 || errno == ENOENT } }
}

@Suite(.serialized, .requiresRoot) struct CPUProbeLiveTests {
    @Test func aLimitedLoopIsSeenThrottled() throws {
        let group = try TestCgroup(milliseconds: 10)
        let loop = try TestProcess("python3", "-c", "while True: pass")
        let (pid, name) = (loop.pid, group.name)
        try group.add(pid)
        var probe = try CPUProbe(ProbeEnvironment())
        let namespace = NamespaceID(rawValue: 4_026_000_001)
        let census = Census.test(
            node: NetworkNamespace(id: try .ofProcess(getpid()), pid: getpid()), [NetworkNamespace(id: namespace)],
            processes: [HostProcess(pid: pid, startTime: 1, namespace: namespace, cgroup: name)])
        var families: [Family] = []
        let throttled = try eventually {
            families = try probe.collect(Scrape(number: 1, census: census))
            return families.value(CPUMetric.throttledPeriods, 1) ?? 0 > 2
        }
        #expect(throttled)
        #expect(families.value(CPUMetric.limitCores, 1) == 100)
        loop.kill()
        // The last period may still be accounted: compare what did not change around the reading.
        var witness: [String: UInt64] = [:]
        let settled = try eventually {
            witness = try group.statistics()
            families = try probe.collect(Scrape(number: 2, census: census))
            return try witness == group.statistics()
        }
        #expect(settled)
        #expect(families.value(CPUMetric.periods, 1) == witness["nr_periods"])
        #expect(families.value(CPUMetric.throttledPeriods, 1) == witness["nr_throttled"])
        let nanoseconds = witness["throttled_time"] ?? witness["throttled_usec"].map { $0 * 1000 }
        #expect(families.value(CPUMetric.throttledSeconds, 1) == nanoseconds)
        #expect(nanoseconds ?? 0 > 0)
    }
}
