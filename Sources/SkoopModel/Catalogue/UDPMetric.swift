// SPDX-License-Identifier: Apache-2.0

/// UDP over IPv4, per network namespace: the `Udp:` line of `/proc/net/snmp`.
public enum UDPMetric: String, MetricSet {
    case indatagrams, noports, inerrors, outdatagrams, rcvbuferrors, sndbuferrors, incsumerrors, ignoredmulti

    public static let probe = "udp"
    public static let summary = "UDP datagrams and errors of every network namespace"

    public var definition: MetricDefinition {
        switch self {
        case .indatagrams:
            .counter("UDP datagrams delivered to sockets", source: "UDP_MIB_INDATAGRAMS", rise: "")
        case .noports:
            .counter("UDP datagrams for which no socket was open", source: "UDP_MIB_NOPORTS", rise: "")
        case .inerrors:
            .counter("x", source: "UDP_MIB_INERRORS", rise: "")
        case .outdatagrams:
            .counter("x", source: "UDP_MIB_OUTDATAGRAMS", rise: "")
        case .rcvbuferrors:
            .counter("x", source: "UDP_MIB_RCVBUFERRORS", rise: "")
        case .sndbuferrors:
            .counter("x", source: "UDP_MIB_SNDBUFERRORS", rise: "")
        case .incsumerrors:
            .counter("x", source: "UDP_MIB_CSUMERRORS", rise: "")
        case .ignoredmulti:
            .counter("x", source: "UDP_MIB_IGNOREDMULTI", rise: "")
        }
    }
}
