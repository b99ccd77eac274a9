// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopTesting
import Testing

/// What the programs of iproute2, which are not ours, say of a namespace.
enum Iproute2 {
    /// SNMP counters by the names that nstat gives them, which are those of `/proc`: `TcpExtListenDrops`.
    ///
    /// nstat leaves out levels and settings: `TcpCurrEstab`, `IpForwarding`, `IpDefaultTTL`.
    static func nstat(_ namespace: borrowing TestNamespace) throws -> [String: UInt64] {
        var values: [String: UInt64] = [:]
        for line in try namespace.run("nstat", "-asz").split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: " ")
            values[String(fields[0])] = UInt64(fields[1])
        }
        return values
    }

    /// The series of tcpsummary as `ss` shows the sockets, which it has from the kernel by netlink.
    static func sockets(_ namespace: borrowing TestNamespace, _ entity: EntityTable.Index) throws -> [Series: UInt64] {
        var states: [String: UInt64] = [:]
        for name in stateNames.values { states[name] = 0 }
        var (receive, transmit, length, limit, longest): (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
        for line in try namespace.run("ss", "-Htan").split(separator: "\n") {
            let fields = line.split(separator: " ")
            let state = try #require(stateNames[String(fields[0])], "unknown state in: \(line)")
            let queues = (try #require(UInt64(fields[1])), try #require(UInt64(fields[2])))
            states[state, default: 0] += 1
            if state == "listen" {
                length += queues.0
                limit += queues.1
                longest = max(longest, queues.0)
            } else {
                receive += queues.0
                transmit += queues.1
            }
        }
        var values: [Series: UInt64] = [:]
        for (state, count) in states {
            values[Series(metric: TCPSummaryExtraMetric.sockets.metric.name, entity: entity, labels: [state])] = count
        }
        let metrics: [(Metric, UInt64?)] = [
            (TCPSummaryMetric.tcpestablishedconn.metric, states["established"]),
            (TCPSummaryMetric.tcptimewaitconn.metric, states["time_wait"]),
            (TCPSummaryMetric.tcpclosewaitconn.metric, states["close_wait"]),
            (TCPSummaryMetric.tcpsynsentconn.metric, states["syn_sent"]),
            (TCPSummaryMetric.tcpsynrecvconn.metric, states["syn_recv"]),
            (TCPSummaryMetric.tcptxqueue.metric, transmit), (TCPSummaryMetric.tcprxqueue.metric, receive),
            (TCPSummaryExtraMetric.acceptQueueLength.metric, length),
            (TCPSummaryExtraMetric.acceptQueueLimit.metric, limit),
            (TCPSummaryExtraMetric.acceptQueueMaxLength.metric, longest),
        ]
        for (metric, value) in metrics { values[Series(metric: metric.name, entity: entity)] = value }
        return values
    }

    private static let stateNames = [
        "ESTAB": "established", "SYN-SENT": "syn_sent", "SYN-RECV": "syn_recv", "FIN-WAIT-1": "fin_wait1",
        "FIN-WAIT-2": "fin_wait2", "TIME-WAIT": "time_wait", "UNCONN": "close", "CLOSE-WAIT": "close_wait",
        "LAST-ACK": "last_ack", "LISTEN": "listen", "CLOSING": "closing",
    ]
}
