// SPDX-License-Identifier: Apache-2.0
import SkoopLab

extension LabScenario {
    /// What looks like trouble in some graph and is none.
    static let healthy: [LabScenario] = [
        LabScenario("healthy: everyday traffic") { stage in
            try stage.fault { rest(stage.duration) }
        },
        LabScenario("healthy: a server is restarted") { stage in
            let port = stage.port()
            var server: TCPServer? = try TCPServer(in: stage.lab.server, stage.family, port: port, .echo)
            let load = try stage.requests(
                to: stage.endpoint(stage.lab.server, port), threads: stage.any(1...4),
                every: stage.milliseconds(20...200))
            try stage.fault {
                rest(stage.milliseconds(1000...4000))
                server = nil
                rest(stage.milliseconds(200...2500))
                server = try TCPServer(in: stage.lab.server, stage.family, port: port, .echo)
                rest(stage.duration)
            }
            load.stop()
        },
        LabScenario("healthy: a burst of requests") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), backlog: 512, .echo)
            try stage.fault {
                let load = try stage.requests(
                    to: server.endpoint, threads: stage.any(4...16), every: stage.milliseconds(1...5),
                    bytes: stage.any(100...20000))
                rest(stage.duration)
                load.stop()
            }
        },
    ]
}
