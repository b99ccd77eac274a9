// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A process reads its connections too slowly.
public enum SlowReaderCase: Case {
    public static let arises =
        "Data arrives and the process does not read it: it is busy, blocked on a lock, a disk or another "
        + "service, or stopped. Its window closes and those who send wait."

    public static let reproduction =
        "Servers that read late, or not at all, connections that are being written to."

    public static let rule = Rule(
        "slow-reader", guides: [.jitter, .http],
        symptom: "requests wait although network and host are fine; senders are blocked",
        cause: "the process reads its connections too slowly",
        when: (Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.5) >= 3
            && .shareAbove(Measure(SocketLatencyExtraMetric.read), 0.5) >= 0.005)
            || (Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.5) >= 2
                && .shareAbove(Measure(SocketLatencyExtraMetric.read), 0.5) >= 0.02)
            || (Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.25) >= 8
                && .shareAbove(Measure(SocketLatencyExtraMetric.read), 0.25) >= 0.01)
            || (Quantity.increase(Measure(TCPExtExtraMetric.toZeroWindow)) >= 1
                && .ratio(Measure(TCPExtExtraMetric.fromZeroWindow), Measure(TCPExtExtraMetric.toZeroWindow)) < 0.5
                && Quantity.level(Measure(TCPSummaryMetric.tcprxqueue), .last) >= 4096)
            || (Quantity.level(Measure(TCPSummaryMetric.tcprxqueue), .minimum) >= 16384
                && Quantity.change(Measure(TCPSummaryMetric.tcprxqueue), floor: 4096) >= 3),
        confidence: 0.65,
        supports: [
            Clue(
                Quantity.increase(Measure(TCPExtExtraMetric.toZeroWindow)) >= 1,
                "receive windows were closed"),
            Clue(
                Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.5) >= 3, weight: 0.5,
                "data waited for more than half a second to be read"),
            Clue(
                Quantity.change(Common.systemCalls, floor: 10) <= 0.5, weight: 0.3,
                "the process reads and writes less than usual: it waits for something"),
        ],
        contradicts: [
            Clue(
                Quantity.above(Measure(SocketLatencyExtraMetric.read), 0.25) < 2
                    && (Quantity.increase(Measure(TCPExtExtraMetric.toZeroWindow)) < 1
                        || .ratio(Measure(TCPExtExtraMetric.fromZeroWindow), Measure(TCPExtExtraMetric.toZeroWindow))
                            >= 0.5),
                weight: 4,
                "nothing waited long to be read, and windows that were closed were opened again")
        ],
        explains: [
            "peer-reads-slowly", "tcp-receive-buffer", "close-wait-leak", "peer-gone", "mtu-black-hole",
            "upstream-slow", "upstream-body-slow", "upstream-answer-timeout", "client-gave-up",
        ],
        advice: [
            "find out what the process waits for: its stacks, locks, disks, the services that it calls "
                + "itself"
        ],
        checks: [
            "the receive queues by connection: ss -tn"
        ])
}
