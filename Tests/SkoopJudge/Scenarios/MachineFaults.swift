// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Faults that need the machine for themselves.
    static let machineFaults: [LabScenario] = [
        LabScenario("receive backlog overflows", "softnet-backlog", reach: .machine) { stage in
            let port = stage.port()
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(500...1500)) {
                    _ = try stage.lab.overflowBacklog(stage.family, port: port, count: stage.any(30...64))
                }
            }
        },
        LabScenario("conntrack table is full", "conntrack-full", reach: .alone) { stage in
            let full = try stage.lab.fillConntrack(stage.family, port: stage.port())
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(100...500)) { _ = try full.attempt() }
            }
            _ = consume full
        },
        LabScenario("CPU is kept by a process of higher priority", "cpu-contention", reach: .alone) { stage in
            let server = try PythonServer(stage)
            try stage.lab.server.run("taskset", "-a", "-p", "-c", "0", "\(server.pid)")
            let load = try stage.requests(
                to: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(10...60), timeout: .seconds(5)
            )
            let (busy, idle) = (Double(stage.any(120...250)) / 1000, Double(stage.any(80...200)) / 1000)
            try stage.fault {
                let hog = try stage.lab.client.start(
                    "chrt", "-f", "20", "taskset", "-c", "0", "python3", "-c", Self.hog, "\(busy)", "\(idle)")
                rest(stage.duration)
                _ = consume hog
            }
            load.stop()
        },
        LabScenario("softirqs wait for a CPU", "softirq-starvation", reach: .machine) { stage in
            let cpu = stage.any(0...1)
            try stage.lab.server.steerReceiving(to: "\(cpu + 1)")
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.conversations(
                to: server.endpoint, threads: stage.any(1...4), every: stage.milliseconds(10...60), timeout: .seconds(5)
            )
            try stage.fault {
                let kept = try KeptCPU(cpu, for: stage.milliseconds(120...250), every: stage.milliseconds(150...500))
                rest(stage.duration)
                _ = kept
            }
            load.stop()
        },
        LabScenario("disk is slow", "disk-latency", reach: .machine) { stage in
            let disk = try SlowDisk(writesPerSecond: stage.any(3...6))
            try stage.fault { _ = try disk.write(stage.any(20...30)) }
            _ = consume disk
        },
        LabScenario("TCP memory is used up", "tcp-memory", reach: .alone) { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .stall)
            try stage.fault {
                let limit = try TCPMemoryLimit(pages: stage.any(150...300))
                let load = try stage.writes(to: server.endpoint, threads: stage.any(6...10))
                rest(stage.duration)
                load.stop()
                _ = consume limit
            }
        },
        LabScenario("too many orphans", "orphan-limit", reach: .alone) { stage in
            let server = try TCPServer(
                in: stage.lab.server, stage.family, port: stage.port(), receiveBuffer: 4096, .stall)
            stage.watchOnly(stage.lab.client)
            try stage.fault {
                let limit = try OrphanLimit(stage.any(4...16))
                let load = try stage.abandonedAnswers(to: server.endpoint, every: stage.milliseconds(50...150))
                rest(stage.duration)
                load.stop()
                _ = consume limit
            }
        },
    ]

    private static let hog = """
        import sys, time
        busy, idle = float(sys.argv[1]), float(sys.argv[2])
        while True:
            end = time.monotonic() + busy
            while time.monotonic() < end: pass
            time.sleep(idle)
        """
}
