// SPDX-License-Identifier: Apache-2.0
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// What keeps real servers from serving: commands of Redis, Java's garbage collection.
    static let realServerFaults: [LabScenario] = [
        LabScenario("Redis: a command blocks it while clients connect", "listen-overflow") { stage in
            let redis = try Redis(stage, backlog: stage.any(2...8))
            let endpoint = redis.endpoint
            try stage.fault {
                let blocker = try stage.commands(
                    "DEBUG SLEEP \(Double(stage.any(15...40)) / 10)", to: endpoint, every: stage.milliseconds(100...600)
                )
                let load = try stage.pings(
                    to: endpoint, threads: stage.any(16...24), every: stage.milliseconds(10...50), isKept: false,
                    timeout: stage.milliseconds(1500...4000))
                rest(stage.duration)
                load.stop()
                blocker.stop()
            }
            _ = consume redis
        },
        // A collection needs a CPU for itself to be as long as it should be.
        LabScenario("Java: garbage collection stops the world", "listen-overflow", reach: .alone) { stage in
            let server = try JavaServer(
                stage, backlog: stage.any(2...8), objects: stage.any(35...55) * 1_000_000,
                pause: stage.any(50...400))
            let endpoint = server.endpoint
            try stage.fault {
                let load = try stage.requests(
                    to: endpoint, threads: stage.any(16...24), every: stage.milliseconds(10...50),
                    timeout: stage.milliseconds(1500...4000))
                rest(stage.duration + .seconds(4))
                load.stop()
            }
            _ = consume server
        },
        LabScenario("Redis: KEYS over many keys", "slow-reader") { stage in
            let redis = try Redis(stage)
            let endpoint = redis.endpoint
            let filling = try stage.lab.client.connect(to: endpoint) { try $0.setTimeout(.seconds(60)) }
            try filling.send(Array("DEBUG POPULATE \(stage.any(2500...3500))000 key 8\r\n".utf8))
            _ = try filling.receive(exactly: 5)
            let load = try stage.pings(
                to: endpoint, threads: stage.any(6...10), every: stage.milliseconds(20...80), isKept: true)
            try stage.fault {
                let keys = try stage.commands("KEYS nothing*", to: endpoint, every: stage.milliseconds(100...400))
                rest(stage.duration)
                keys.stop()
            }
            load.stop()
            _ = consume redis
        },
    ]
}
