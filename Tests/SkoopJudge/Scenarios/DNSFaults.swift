// SPDX-License-Identifier: Apache-2.0
import SkoopLab

extension LabScenario {
    /// Faults around DNS and UDP.
    static let dnsFaults: [LabScenario] = [
        LabScenario("DNS server answers too late", "dns-late-answer") { stage in
            let timeout = stage.any(150...1500)
            let server = try DNSServer(
                in: stage.lab.server, stage.family, .answer(after: .milliseconds(timeout + stage.any(100...1500))))
            try stage.fault {
                let load = try stage.lookups(
                    at: server.endpoint, every: stage.milliseconds(100...1000), timeout: .milliseconds(timeout))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("DNS server is silent", "dns-no-answer") { stage in
            let server = try DNSServer(in: stage.lab.server, stage.family, .silent)
            try stage.fault {
                let load = try stage.lookups(
                    at: server.endpoint, every: stage.milliseconds(100...1000), timeout: stage.milliseconds(500...5000))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("DNS server fails", "dns-server-failure") { stage in
            let server = try DNSServer(in: stage.lab.server, stage.family, .code(.serverFailure))
            try stage.fault {
                let load = try stage.lookups(at: server.endpoint, every: stage.milliseconds(50...500))
                rest(stage.duration)
                load.stop()
            }
        },
    ]
}
