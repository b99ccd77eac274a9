// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// There is no way to the destination: no route, or a router says so.
public enum ConnectUnreachableCase: Case {
    public static let arises =
        "The routing table has no entry for the address, or a router on the way answers that it has none. "
        + "After changes of networks, with a missing default route, or with IPv6 half configured."

    public static let reproduction =
        "Clients that connect to addresses without a route, and through a router that rejects."

    public static let rule = Rule(
        "connect-unreachable", guides: [.http],
        symptom: "connect() fails at once with ENETUNREACH or EHOSTUNREACH",
        cause: "there is no route to the destination, or a router says that it cannot be reached",
        // Each attempt may take the second until the SYN is sent again, beside a hundred others that succeed.
        when: ((Quantity.increase(Common.connects("unreachable")) >= 3
            && .ratio(Common.connects("unreachable"), Common.allConnects) > 0.05)
            || (Quantity.increase(Common.connects("unreachable")) >= 5
                && .ratio(Common.connects("unreachable"), Common.allConnects) > 0.01))
            && Quantity.lasting(Common.unreachable) >= 3 || Quantity.increase(Measure(IPMetric.outnoroutes)) >= 10,
        confidence: 0.65,
        supports: [
            Clue(
                Quantity.increase(Common.connects("unreachable")) >= 3,
                "attempts to connect failed for want of a way"),
            Clue(
                Quantity.increase(Measure(IPMetric.outnoroutes, IP6Metric.outNoRoutes)) >= 1, weight: 0.5,
                "packets had no route here"),
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.connects("unreachable")) < 1, weight: 4,
                "no attempt failed for want of a way")
        ],
        explains: [
            "connect-unanswered", "dns-no-answer", "upstream-refused", "upstream-broke-off", "upstream-connect-timeout",
        ],
        advice: [
            "check the routes of the namespace: ip route get ADDRESS, ip -6 route",
            "if only IPv6 is affected and not wanted, prefer IPv4 in the resolver configuration or give "
                + "no AAAA answers",
        ],
        checks: [
            "which address it is, in the events TCPConnectFailed"
        ])
}
