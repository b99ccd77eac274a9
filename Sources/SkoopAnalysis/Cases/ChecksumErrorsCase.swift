// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Packets arrive damaged.
public enum ChecksumErrorsCase: Case {
    public static let arises =
        "Bad hardware, a faulty checksum offload, a tunnel or a device that rewrites packets wrongly."

    public static let reproduction =
        "Segments and datagrams with a wrong checksum."

    public static let rule = Rule(
        "checksum-errors", guides: [.loss, .dns],
        symptom: "loss and stalls without any congestion",
        cause: "packets arrive with wrong checksums: they were damaged, or rewritten wrongly, on the way",
        when: Quantity.increase(Common.checksumErrors) >= 3 || Quantity.increase(Measure(TCPMetric.inerrs)) >= 5,
        confidence: 0.8,
        supports: [
            Clue(
                Quantity.increase(Common.drops("TCP_CSUM", "UDP_CSUM", "IP_CSUM", "ICMP_CSUM", "SKB_CSUM")) >= 1,
                weight: 0.5,
                "the kernel dropped packets for this reason")
        ],
        contradicts: [
            Clue(
                Quantity.increase(Measure(TCPExtExtraMetric.checksumErrors)) < 1
                    && Quantity.increase(Common.checksumErrors) < 3, weight: 4,
                "no checksum was wrong: segments were refused for other reasons, such as a SYN within a connection")
        ],
        explains: [
            "path-loss", "connect-unanswered", "connect-slow", "dns-no-answer", "dns-retries", "handshake-incomplete",
        ],
        advice: [
            "switch checksum offloads off on the devices between (ethtool -K DEVICE tx off rx off) and "
                + "see whether it ends",
            "look at hardware errors: ethtool -S, and the logs of tunnels",
        ],
        checks: [
            "which peers: the events PacketLoss with a checksum reason"
        ])
}
