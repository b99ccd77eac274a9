// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The other side resets connections, and it is not known why.
public enum ResetByPeerCase: Case {
    public static let arises =
        "A server or a device between sends resets. If the other side is not watched, only their arrival is "
        + "seen."

    public static let reproduction =
        "A server that resets, whose own host is not watched."

    public static let rule = Rule(
        "reset-by-peer", guides: [.reset, .http],
        symptom: "connection reset by peer; a proxy answers 502",
        cause: "the other side, or a device between, resets established connections",
        when: (Quantity.events(Common.resetOfOpened) >= 3 && Quantity.lasting(Common.resetOfOpened) >= 3
            && Common.calls)
            || (Quantity.events(Common.resetReceived) >= 3 && Quantity.lasting(Common.resetReceived) >= 3
                && Common.onlyCalls)
            || (Quantity.increase(Measure(TCPMetric.estabresets)) >= 5 && Common.calls
                && .ratio(Measure(TCPMetric.estabresets), Common.activeOpens) >= 0.05),
        confidence: 0.6,
        supports: [
            Clue(
                Quantity.events(Common.resetReceived) >= 3,
                "resets arrived for established connections")
        ],
        contradicts: [
            Clue(
                Quantity.events(Common.resetOfOpened) < 3
                    && !(Quantity.events(Common.resetReceived) >= 3 && Common.onlyCalls),
                weight: 4,
                "hardly any reset arrived"),
            Clue(
                Quantity.lasting(Common.resetOfOpened) < 3
                    && !(Quantity.lasting(Common.resetReceived) >= 3 && Common.onlyCalls),
                weight: 4,
                "it was over within seconds, as when a server is restarted"),
        ],
        explains: ["upstream-broke-off"],
        advice: [
            "look at the other side for why it resets: its process, its limits, its restarts",
            "compare the times of life: a load balancer's idle timeout that is shorter than the client's",
        ],
        checks: [
            "at what age of the connections the resets come"
        ])
}
