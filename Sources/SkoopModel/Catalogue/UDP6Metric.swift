// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// UDP over IPv6, per network namespace: the `Udp6…` lines of `/proc/net/snmp6`. For IPv4 see ``UDPMetric``.
public enum UDP6Metric: String, MetricSet {
    case inDatagrams = "in_datagrams"
    case noPorts = "no_ports"
    case inErrors = "in_errors"
    case outDatagrams = "out_datagrams"
    case rcvbufErrors = "rcvbuf_errors"
    case sndbufErrors = "sndbuf_errors"
    case inCsumErrors = "in_csum_errors"
    case ignoredMulti = "ignored_multi"
    case memErrors = "mem_errors"

    public static let probe = "udp6"
    public static let summary = "UDP datagrams and errors over IPv6"

    public var definition: MetricDefinition {
        switch self {
        case .inDatagrams:
            count(
                "InDatagrams", "UDP_MIB_INDATAGRAMS", "UDP datagrams that applications received over IPv6",
                rise: "Traffic. A flat line while peers send means that the datagrams are lost or wait unread.")
        case .noPorts:
            count(
                "NoPorts", "UDP_MIB_NOPORTS", "UDP datagrams over IPv6 for whose port no socket was open",
                rise: "Something sends to a port nobody listens on, or replies come after the asking socket was closed."
            )
        case .inErrors:
            count(
                "InErrors", "UDP_MIB_INERRORS",
                "UDP datagrams over IPv6 that reached a socket's port but could not be delivered",
                rise: "Datagrams are lost on the receiving host. The receive buffer, checksum and memory errors are "
                    + "contained in it and say which way.")
        case .outDatagrams:
            count(
                "OutDatagrams", "UDP_MIB_OUTDATAGRAMS", "UDP datagrams sent over IPv6",
                rise: "Traffic. A flat line while the application means to send points at the application itself.")
        case .rcvbufErrors:
            count(
                "RcvbufErrors", "UDP_MIB_RCVBUFERRORS",
                "UDP datagrams over IPv6 dropped because the socket's receive buffer was full",
                rise: "The application reads too slowly, is not scheduled, or its receive buffer is too small for the "
                    + "bursts it gets.")
        case .sndbufErrors:
            count(
                "SndbufErrors", "UDP_MIB_SNDBUFERRORS",
                "UDP datagrams over IPv6 not sent for want of send buffer or because the device queue refused them",
                rise: "The application sends faster than the device takes, or its send buffer is too small.")
        case .inCsumErrors:
            count(
                "InCsumErrors", "UDP_MIB_CSUMERRORS", "UDP datagrams over IPv6 dropped for a wrong checksum",
                rise: "Datagrams arrive corrupted: bad hardware, faulty checksum offload, or a broken tunnel.")
        case .ignoredMulti:
            count(
                "IgnoredMulti", "UDP_MIB_IGNOREDMULTI", "UDP multicast datagrams over IPv6 that no socket wanted",
                rise: "The segment carries multicast traffic for others. Usually harmless.")
        case .memErrors:
            count(
                "MemErrors", "UDP_MIB_MEMERRORS",
                "UDP datagrams over IPv6 dropped because all UDP sockets together exceeded net.ipv4.udp_mem",
                rise:
                    "UDP memory of the host is exhausted: some application does not read its sockets, or udp_mem is too small."
            )
        }
    }

    private func count(_ field: String, _ enumerator: String, _ help: String, rise: String) -> MetricDefinition {
        .counter(
            help, name: "skoop_udp6_\(rawValue)_total", mib: MIBCounter(.udp6, field, .enumerator(enumerator)),
            rise: rise)
    }
}
