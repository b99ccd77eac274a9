// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// ICMPv6 messages: the `Icmp6` lines of `/proc/net/snmp6`.
public struct ICMP6Probe: MIBProbe {
    /// The counters and where they are read.
    public let counters: MIBSubscription<ICMP6Metric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<ICMP6Metric>) { self.counters = counters }
}
