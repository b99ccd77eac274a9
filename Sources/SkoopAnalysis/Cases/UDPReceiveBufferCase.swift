// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// A UDP socket's receive buffer overflows: the answer arrived and is dropped.
public enum UDPReceiveBufferCase: Case {
    public static let arises =
        "Datagrams come faster than the process reads them, for a moment or for good: a burst, a process that "
        + "stands still, a buffer that is small. The kernel drops what does not fit."

    public static let reproduction =
        "Bursts of datagrams to a socket that is read slowly, with lengths and buffers at random."

    public static let rule = Rule(
        "udp-receive-buffer", guides: [.dns, .loss, .capacity],
        symptom: "datagrams that reached the host never reach the application; DNS queries time out",
        cause: "a UDP receive buffer overflowed: the process reads slower than datagrams come",
        when: Quantity.increase(Measure(UDPMetric.rcvbuferrors, UDP6Metric.rcvbufErrors)) >= 1
            // Memory counts so too, but so do checksums and what a socket's own filter does not want.
            || (Quantity.increase(Common.udpNotReceived) >= 3 && Common.dnsSuffers
                && .ratio(Measure(UDPMetric.incsumerrors, UDP6Metric.inCsumErrors), Common.udpNotReceived) < 0.5),
        confidence: 0.85,
        supports: [
            Clue(
                Quantity.increase(Common.drops("SOCKET_RCVBUFF")) >= 1, weight: 0.5,
                "the kernel dropped packets for this reason")
        ],
        explains: ["dns-no-answer", "dns-retries", "dns-slow", "dns-late-answer", "slow-reader"],
        advice: [
            "read faster: more threads, or recvmmsg",
            "enlarge the buffer (SO_RCVBUF, net.core.rmem_max, net.core.rmem_default)",
        ],
        checks: [
            "CPU throttling of the pod"
        ])
}
