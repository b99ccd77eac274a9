// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// What the node itself shows counts here: nothing may be wrong with it.
    static let healthyMachines: [LabScenario] = [
        atWork("healthy: a machine at work", for: nil),
        LabScenario("healthy: a flood of small datagrams", reach: .machine) { stage in
            let server = try UDPServer(
                in: stage.lab.server, stage.family, port: stage.port(), receiveBuffer: 1 << 20
            ) { UDPServer.Answer($0.bytes) }
            let (host, endpoint, family) = (stage.lab.client, server.endpoint, stage.family)
            try stage.fault {
                let load = try Load(on: host, threads: 2, every: stage.milliseconds(0...3)) {
                    let socket = try UDPSocket(in: host, family, receiveBuffer: 1 << 18)
                    for _ in 0..<100 {
                        try socket.send([UInt8](repeating: 0, count: 64), to: endpoint)
                        _ = try socket.receive(within: .seconds(2))
                    }
                }
                rest(stage.duration)
                load.stop()
            }
        },
    ]

    /// Minutes in which nginx, dnsmasq and Redis are asked and answer, and nothing is wrong.
    public static func atWork(minutes: Int) -> LabScenario {
        atWork("healthy: \(minutes) minutes at work", for: .seconds(60 * minutes))
    }

    private static func atWork(_ name: String, for time: Duration?) -> LabScenario {
        LabScenario(name, reach: .machine) { stage in
            let web = try Nginx(stage)
            let names = try Dnsmasq(stage, upstream: nil)
            let redis = try Redis(stage)
            let (pages, dns, cache) = (web.endpoint, names.endpoint, redis.endpoint)
            let loads = [
                try stage.httpRequests(to: pages, threads: stage.any(2...4), every: stage.milliseconds(10...50)),
                try stage.lookups(at: dns, threads: 2, every: stage.milliseconds(20...100)),
                try stage.pings(
                    to: cache, threads: stage.any(2...4), every: stage.milliseconds(5...30), isKept: true),
            ]
            try stage.fault { rest(time ?? stage.duration) }
            for load in loads { load.stop() }
            let counts = loads.map(\.counts)
            guard counts.allSatisfy({ $0.done > 0 && $0.failed * 100 <= $0.done }) else {
                throw LabError("not all were answered: \(counts)")
            }
            _ = consume web
            _ = consume names
            _ = consume redis
        }
    }
}
