// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Nobody listens at the port: a wrong port, a process that is not running, a service without an endpoint.
public enum ConnectRefusedCase: Case {
    public static let arises =
        "The other host is there and answers a SYN with a reset, because no process listens at the port. It "
        + "crashed, listens at another address or port, or a service sends to an endpoint that is gone."

    public static let reproduction =
        "Clients that connect to a port at which nobody listens; restarts of a server, in which it is closed "
        + "for a moment, are not to be found."

    public static let rule = Rule(
        "connect-refused", guides: [.http, .reset],
        symptom: "connect() fails at once with ECONNREFUSED; a proxy answers 502",
        cause: "connections are refused: nobody listens at the port",
        when: (Quantity.events(Common.refused) >= 3 && Quantity.lasting(Common.refused) >= 4)
            || (Quantity.increase(Measure(TCPMetric.attemptfails)) >= 5
                && .ratio(Measure(TCPMetric.attemptfails), Common.activeOpens) > 0.6
                && .ratio(Common.synRetransmits, Common.activeOpens) < 0.3),
        confidence: 0.65,
        supports: [
            Clue(
                Quantity.increase(Common.connects("refused")) >= 3, weight: 2,
                "attempts to connect were refused")
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.connects("refused")) < 3, weight: 4,
                "hardly any attempt was refused"),
            Clue(
                Quantity.lasting(Common.refused) < 4, weight: 4,
                "it was over within seconds, as when a server is restarted"),
        ],
        explains: [
            "connection-unknown", "reset-by-peer", "upstream-refused", "upstream-broke-off", "upstream-unavailable",
        ],
        advice: [
            "check that the process runs and listens at this port and address (ss -ltn in its namespace)",
            "compare the service's endpoints with the pods that are ready",
        ],
        checks: [
            "since when the process runs, and whether it was killed"
        ])
}
