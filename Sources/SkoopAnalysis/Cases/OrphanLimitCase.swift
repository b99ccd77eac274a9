// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Too many connections belong to no process any more.
public enum OrphanLimitCase: Case {
    public static let arises =
        "A process that closes with data still to be sent leaves the connection to the kernel. If peers do "
        + "not take the data, orphans add up; above net.ipv4.tcp_max_orphans the kernel kills them."

    public static let reproduction =
        "Closed connections whose peers do not read, beyond a low net.ipv4.tcp_max_orphans."

    public static let rule = Rule(
        "orphan-limit", guides: [.capacity, .reset],
        symptom: "the end of answers is missing, connections are reset after the server has closed them",
        cause: "there are too many orphaned connections: the kernel kills them",
        when: Quantity.increase(Measure(TCPExtMetric.tcpabortonmemory)) >= 1,
        confidence: 0.7,
        supports: [
            Clue(
                (Quantity.level(Measure(SockMetric.orphan), .maximum) >= 10).of(.node), weight: 0.5,
                "connections belong to no process any more")
        ],
        contradicts: [
            Clue(
                Quantity.increase(Measure(TCPExtMetric.tcpmemorypressures)) >= 1, weight: 1,
                "TCP's memory was short")
        ],
        explains: ["reset-by-peer", "peer-reads-slowly", "reset-on-data"],
        advice: [
            "find peers that stop reading; raise net.ipv4.tcp_max_orphans if it is honest load"
        ],
        checks: [
            "ss -tan state fin-wait-1 state last-ack"
        ])
}
