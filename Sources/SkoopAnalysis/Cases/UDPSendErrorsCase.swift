// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// UDP datagrams could not be sent.
public enum UDPSendErrorsCase: Case {
    public static let arises =
        "The send buffer is full because the device does not keep up, or the queueing discipline refuses the "
        + "datagram. DNS queries never leave the host."

    public static let reproduction =
        "Bursts of datagrams from a socket with a small send buffer into a slow device; into a full queue, where it is a "
        + "consequence of that."

    public static let rule = Rule(
        "udp-send-errors", guides: [.dns, .loss, .capacity],
        symptom: "datagrams, for example DNS queries, never leave the host",
        cause: "UDP datagrams were not sent for want of send buffer, or because the device's queue refused "
            + "them",
        when: Quantity.increase(Measure(UDPMetric.sndbuferrors, UDP6Metric.sndbufErrors)) >= 1,
        confidence: 0.75,
        supports: [Common.sendsLess],
        explains: ["dns-no-answer", "dns-retries", "dns-slow"],
        advice: [
            "look at the queueing discipline of the device (tc -s qdisc), and send more evenly",
            "enlarge the send buffer (SO_SNDBUF, net.core.wmem_default)",
        ],
        checks: [
            "kubeskoop_qdisc_drops at the same time"
        ])
}
