// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// UDP datagrams over IPv4: the `Udp:` line of `/proc/net/snmp`.
public struct UDPProbe: MIBProbe {
    public let counters: MIBSubscription<UDPMetric>

    public init(counters: MIBSubscription<UDPMetric>) { self.counters = counters }
}
