// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopLab
import SkoopTesting

extension LabScenario {
    /// Further faults around DNS and UDP.
    static let moreDNSFaults: [LabScenario] = [
        LabScenario("DNS server is slow", "dns-slow") { stage in
            let server = try DNSServer(
                in: stage.lab.server, stage.family, .answer(after: stage.milliseconds(300...2500)))
            try stage.fault {
                let load = try stage.lookups(
                    at: server.endpoint, threads: stage.any(1...3), every: stage.milliseconds(100...500))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("DNS server refuses", "dns-refused") { stage in
            let server = try DNSServer(
                in: stage.lab.server, stage.family, .code(stage.any(of: [.refused, .notImplemented])))
            try stage.fault {
                let load = try stage.lookups(at: server.endpoint, every: stage.milliseconds(50...500))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("DNS server has gone", "udp-closed-port") { stage in
            let target = stage.endpoint(stage.lab.server, 53)
            try stage.fault {
                let load = try stage.lookups(
                    at: target, every: stage.milliseconds(100...500), timeout: stage.milliseconds(500...3000))
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("dnsmasq's upstream is silent", "dns-no-answer") { stage in
            let upstream = try DNSServer(in: stage.lab.client, stage.family, .silent)
            let server = try Dnsmasq(stage, upstream: upstream.endpoint)
            let endpoint = server.endpoint
            try stage.fault {
                let load = try stage.lookups(
                    at: endpoint, threads: 2, every: stage.milliseconds(100...500),
                    timeout: stage.milliseconds(1000...5000), name: "name\(stage.any(0...9999)).example")
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("dnsmasq's upstream is slow", "dns-slow") { stage in
            let upstream = try DNSServer(
                in: stage.lab.client, stage.family, .answer(after: stage.milliseconds(400...1500)))
            let server = try Dnsmasq(stage, upstream: upstream.endpoint)
            let endpoint = server.endpoint
            let host = stage.lab.client
            try stage.fault {
                let load = try Load(on: host, threads: 2, every: stage.milliseconds(50...300)) {
                    _ = try host.lookUp("name\(UInt32.random(in: 0 ... .max)).example", at: endpoint)
                }
                rest(stage.duration)
                load.stop()
            }
        },
        LabScenario("path loses fragments", "fragments-lost", topologies: [.routed], hidesMiddle: true) { stage in
            let server = try UDPServer(in: stage.lab.server, stage.family, port: stage.port()) { _ in nil }
            let sender = try UDPSocket(in: stage.lab.client, stage.family)
            var random = stage.generator()
            try stage.fault {
                let rule = try stage.lab.loseFragments(
                    stage.family, choosing: .random(Double(stage.any(20...60)) / 100, using: &random))
                try stage.repeating(every: stage.milliseconds(50...200)) {
                    try sender.send([UInt8](repeating: 0, count: stage.any(2000...9000)), to: server.endpoint)
                }
                _ = consume rule
            }
        },
        LabScenario("UDP send buffer is full", "udp-send-errors") { stage in
            let server = try UDPServer(in: stage.lab.server, stage.family, port: stage.port()) { _ in nil }
            let sender = try UDPSocket(in: stage.lab.client, stage.family)
            // Few datagrams fit, and the device takes its time for them.
            try sender.socket.setOption(SOL_SOCKET, SO_SNDBUF, CInt(stage.any(2000...4000)))
            let bytes = [UInt8](repeating: 0, count: stage.any(600...1200))
            try stage.fault {
                let shaper = try TrafficShaper(
                    on: stage.lab.client, rate: stage.any(60_000...200_000), burst: 2000, limit: 1_000_000)
                stage.repeating(every: stage.milliseconds(200...600)) {
                    for _ in 0..<stage.any(10...40) { sender.sendUnlessFull(bytes, to: server.endpoint) }
                }
                _ = consume shaper
            }
        },
        LabScenario("UDP receive buffer overflows", "udp-receive-buffer") { stage in
            let port = stage.port()
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(200...1000)) {
                    _ = try stage.lab.overflowReceiveBuffer(
                        stage.family, port: port, count: stage.any(20...200), length: stage.any(50...1200))
                }
            }
        },
        LabScenario("UDP queue refuses", "egress-saturated") { stage in
            let port = stage.port()
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(200...1000)) {
                    _ = try stage.lab.overflowQueue(
                        stage.family, port: port, count: stage.any(40...100), length: stage.any(500...1200))
                }
            }
        },
        LabScenario("datagrams to a closed port", "udp-closed-port") { stage in
            let port = stage.port()
            try stage.fault {
                try stage.repeating(every: stage.milliseconds(100...1000)) {
                    _ = try stage.lab.sendToClosedPort(stage.family, port: port, count: stage.any(1...10))
                }
            }
        },
        LabScenario("firewall drops DNS", "netfilter-drop") { stage in
            let server = try DNSServer(in: stage.lab.server, stage.family)
            let load = try stage.lookups(
                at: server.endpoint, every: stage.milliseconds(100...500), timeout: stage.milliseconds(1000...3000))
            try stage.fault {
                let rule = try NetfilterRule(on: stage.lab.server, .input, PacketMatch(.udp, to: 53), .drop)
                rest(stage.duration)
                _ = consume rule
            }
            load.stop()
        },
        LabScenario("netfilter holds packets back", "slow-netfilter") { stage in
            let server = try TCPServer(in: stage.lab.server, stage.family, port: stage.port(), .echo)
            let load = try stage.requests(
                to: server.endpoint, threads: 2, every: stage.milliseconds(20...100), timeout: .seconds(5))
            try stage.fault {
                let delay = try PacketDelay(
                    on: stage.lab.server, .input, stage.family, .tcp, to: server.endpoint.port,
                    by: stage.milliseconds(20...100))
                rest(stage.duration)
                _ = consume delay
            }
            load.stop()
        },
    ]
}
