// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// UDP datagrams over IPv6: the `Udp6` lines of `/proc/net/snmp6`.
public struct UDP6Probe: MIBProbe {
    /// The counters and where they are read.
    public let counters: MIBSubscription<UDP6Metric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<UDP6Metric>) { self.counters = counters }
}
