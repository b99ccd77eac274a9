// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Packets are dropped because their source would be answered another way.
public enum ReversePathFilterCase: Case {
    public static let arises =
        "With rp_filter the kernel drops packets whose source is not reached through the device they came in "
        + "by: asymmetric routing, several devices, missing routes of an overlay."

    public static let reproduction =
        "Packets with a source without a route back."

    public static let rule = Rule(
        "reverse-path-filter", guides: [.loss, .http],
        symptom: "packets arrive at the device and vanish",
        cause: "the reverse path filter drops packets: their sources are routed elsewhere",
        when: Quantity.increase(Measure(TCPExtExtraMetric.reversePathFilter)) >= 3
            || Quantity.increase(Common.drops("IP_RPFILTER")) >= 3,
        confidence: 0.85,
        explains: Common.lost,
        advice: [
            "correct the routes, or set net.ipv4.conf.DEVICE.rp_filter to 2 (loose)"
        ],
        checks: [
            "the source addresses of the drops with reason IP_RPFILTER"
        ])
}
