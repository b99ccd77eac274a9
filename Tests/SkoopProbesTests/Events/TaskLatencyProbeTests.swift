// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct TaskLatencyProbeTests {
    /// Sleeps and works on one CPU by turns, that CPU shared with as many busy processes as are asked for; with a socket
    /// or without; `sys.argv`: busy processes, family.
    private static let sleeper = """
        import os, socket, sys, time
        cpu = sorted(os.sched_getaffinity(0))[0]
        os.sched_setaffinity(0, {cpu})
        if sys.argv[2] != 'none': keep = socket.socket(getattr(socket, sys.argv[2]), socket.SOCK_DGRAM)
        open(sys.argv[3], 'w')
        time.sleep(3)
        others = []
        for i in range(int(sys.argv[1])):
            pid = os.fork()
            if pid == 0:
                end = time.monotonic() + 4
                while time.monotonic() < end: pass
                os._exit(0)
            others.append(pid)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            for i in range(200000): pass
            time.sleep(0.001)
        for pid in others: os.kill(pid, 9)
        """

    private func run(_ busy: Int, _ family: String, in namespace: borrowing TestNamespace) throws {
        let directory = try TemporaryDirectory()
        try namespace.run("python3", "-c", Self.sleeper, "\(busy)", family, directory.path + "/ready")
    }

    @Test(arguments: ["AF_INET", "AF_INET6"])
    func reportsAProcessThatIsKeptFromItsCPU(family: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        let environment = ProbeEnvironment(
            arguments: ["threshold": .duration(.milliseconds(5))], events: collector.outlet)
        var probe = try TaskLatencyProbe(environment)
        try run(6, family, in: namespace)
        let events = try collector.events(in: namespace)
        let event = try #require(events.first)
        #expect(event.type == TaskLatencyEvent.slow.type)
        #expect(event.process?.command.hasPrefix("python3") == true)
        for event in events {
            guard case .string(let cause) = event.values[0], case .integer(let cpu) = event.values[1],
                case .duration(let latency) = event.values[2]
            else {
                Issue.record("\(event.values)")
                continue
            }
            #expect(cause == "woken" || cause == "preempted")
            #expect(try cpu == Self.firstCPU())
            // The process works and waits for two seconds.
            #expect((5_000_000...60_000_000_000).contains(latency))
        }
        let families = try probe.collect(.live([NetworkNamespace(mountOf: namespace)]))
        let waits = try ["woken", "preempted"].map { cause in
            try #require(families.observations(TaskLatencyMetric.latency, 1, labels: [cause]))
        }
        #expect(waits.reduce(0, +) >= UInt64(events.count))
        #expect(waits[0] > 0)
    }

    /// The CPU that the processes are bound to.
    private static func firstCPU() throws -> Int64 {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
        return try #require(Int64(line.split(separator: "\t")[1].prefix { $0.isNumber }))
    }

    /// A process with a socket, alone on its CPU but for what the machine does besides.
    @Test(arguments: ["AF_INET", "AF_INET6"])
    func reportsNothingOfAProcessThatGetsItsCPU(family: String) throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        let environment = ProbeEnvironment(arguments: ["threshold": .duration(.seconds(2))], events: collector.outlet)
        var probe = try TaskLatencyProbe(environment)
        try run(0, family, in: namespace)
        let families = try probe.collect(.live([NetworkNamespace(mountOf: namespace)]))
        #expect(families.observations(TaskLatencyMetric.latency, 1, labels: ["woken"]) ?? 0 > 10)
        #expect(try collector.events().filter { $0.namespace.rawValue == namespace.inode }.isEmpty)
    }

    @Test func doesNotCountAProcessWithoutSockets() throws {
        let namespace = try TestNamespace()
        let collector = EventCollector()
        let environment = ProbeEnvironment(
            arguments: ["threshold": .duration(.milliseconds(5))], events: collector.outlet)
        var probe = try TaskLatencyProbe(environment)
        try run(6, "none", in: namespace)
        let families = try probe.collect(.live([NetworkNamespace(mountOf: namespace)]))
        #expect(families.observations(TaskLatencyMetric.latency, 1, labels: ["woken"]) == nil)
        #expect(try collector.events().filter { $0.namespace.rawValue == namespace.inode }.isEmpty)
    }
}
