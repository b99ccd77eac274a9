// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Something for programs to see.
enum Workload: String, CaseIterable, Codable {
    case tcp = "TCP, request and answer"
    case forward = "TCP, forwarded"
    case udp = "UDP, no DNS"
    case dns = "DNS, IPv4"
    case dns6 = "DNS, IPv6"
    case connect = "connections"
    case refused = "refused connections"
    case block = "writes to disk"
    case http = "HTTP, nginx and wrk"
    case programs = "programs run"

    func run(_ network: CostNetwork, _ pair: HTTPPair) throws {
        switch self {
        case .http: _ = try pair.rate()
        case .tcp: try network.traffic("echo", CostNetwork.direct, 8000, 4000)
        case .forward: try network.traffic("echo", CostNetwork.forwarded, 8000, 4000)
        case .udp: try network.traffic("udp", CostNetwork.direct, 5300, 4000)
        case .dns: try network.traffic("udp", CostNetwork.direct, 53, 4000)
        case .dns6: try network.traffic("udp", CostNetwork.direct6, 53, 4000)
        case .connect: try network.traffic("connect", CostNetwork.direct, 8001, 2000)
        case .refused: try network.traffic("connect", CostNetwork.direct, 8999, 2000)
        case .programs:
            for _ in 0..<300 {
                let process = Process()
                process.executableURL = URL(filePath: "/bin/true")
                try process.run()
                process.waitUntilExit()
            }
        case .block:
            let file = FileManager.default.currentDirectoryPath + "/.skoop-cost"
            try network.traffic("store", file, 0, 500)
        }
    }

    /// Under which a probe's programs do what the probe is there for; the others show what it costs where it has nothing to do.
    static func own(of probe: String) -> [Workload] {
        switch probe {
        case "dns": [.dns, .dns6, .udp, .tcp]
        case "connect": [.connect, .refused]
        case "packetloss", "tcpreset": [.refused]
        case "kernellatency", "netiftxlat": [.tcp, .forward, .udp]
        case "biolatency": [.block]
        // Their processes live long enough to be known as owners of sockets.
        case "tasklatency": [.http]
        case "softirq": [.tcp, .http]
        default: [.tcp, .udp]
        }
    }
}
