// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// UDP datagrams over IPv4: the `Udp:` line of `/proc/net/snmp`.
public struct UDPProbe: MIBProbe {
    /// The counters and where they are read.
    public let counters: MIBSubscription<UDPMetric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<UDPMetric>) { self.counters = counters }
}
