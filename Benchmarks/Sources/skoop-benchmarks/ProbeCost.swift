// SPDX-License-Identifier: Apache-2.0
import ProgramCost

/// All that was measured of one probe.
struct ProbeCost: Codable {
    /// What its programs cost under one load.
    struct Load: Codable {
        let workload: String
        let programs: [ProgramCost]

        /// Those that ran.
        var active: [ProgramCost] { programs.filter { !$0.ratio.isEmpty } }
        var runs: UInt64 { active.reduce(0) { $0 + $1.runs } }
        /// Nanoseconds of a mean run.
        var nanoseconds: Double {
            active.reduce(0) { $0 + $1.nanoseconds.median * Double($1.runs) } / Double(max(1, runs))
        }
        /// The same of the empty programs.
        var empty: Double { active.reduce(0) { $0 + $1.empty.median * Double($1.runs) } / Double(max(1, runs)) }
        var ratio: Double { empty > 0 ? nanoseconds / empty : 0 }
        /// The least and the greatest ratio of a round, of the program that took most of the time.
        var spread: (Double, Double) {
            let most = active.max {
                $0.nanoseconds.median * Double($0.runs) < $1.nanoseconds.median * Double($1.runs)
            }
            guard let most else { return (0, 0) }
            let scale = most.ratio.median > 0 ? ratio / most.ratio.median : 1
            return (most.ratio.least * scale, most.ratio.greatest * scale)
        }
    }

    let name: String
    /// Milliseconds to load and attach it alone, several times.
    var loading: [Double] = []
    /// Bytes of the kernel's memory for its maps.
    var mapMemory: UInt64 = 0
    var loads: [Load] = []
    /// Requests per second without it, with it, and without it again, of each round.
    var without: [Double] = []
    var with: [Double] = []
    /// Programs that were not compared, and why.
    var notCompared: [String: String] = [:]

    /// How many times as long as an empty program one may take, in the mean over a load.
    static func allowed(_ probe: String) -> Double {
        switch probe {
        // They remember nothing of a packet, task or request.
        case "softirq": 3
        case "packetloss", "tcpreset", "tcpretrans": 8
        default: 6
        }
    }
}
