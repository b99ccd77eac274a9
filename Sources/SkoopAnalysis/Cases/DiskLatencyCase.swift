// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A process waits for a slow disk.
public enum DiskLatencyCase: Case {
    public static let arises =
        "A cloud disk that is throttled, an overloaded device, a failing one: whoever reads or writes it "
        + "synchronously answers late, which looks like a slow network."

    public static let reproduction =
        "Synchronous writes to a device that is throttled."

    public static let rule = Rule(
        "disk-latency", guides: [.jitter],
        symptom: "requests that need the disk are slow",
        cause: "requests to a disk take long",
        when: Quantity.above(Measure(BioLatencyMetric.latency), 0.1) >= 5
            && (.shareAbove(Measure(BioLatencyMetric.latency), 0.1) >= 0.02
                || Quantity.above(Measure(BioLatencyMetric.latency), 0.1) >= 15),
        confidence: 0.7,
        supports: [
            Clue(
                Quantity.change(Measure(IOMetric.readbytes, IOMetric.writebytes), floor: 4096) >= 2, weight: 0.3,
                "more was read and written than usual"),
            Clue(
                Quantity.change(Common.systemCalls, floor: 10) <= 0.5, weight: 0.3,
                "fewer system calls of input and output got done than usual"),
        ],
        explains: ["upstream-slow", "upstream-answer-timeout", "client-gave-up"],
        advice: [
            "look at the disk's limits and its queue (iostat -x), and move what can be written later away "
                + "from the request"
        ],
        checks: [
            "the disk's name in the events BIOLAT_10MS"
        ])
}
