// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// ICMPv6 messages: the `Icmp6` lines of `/proc/net/snmp6`.
public struct ICMP6Probe: MIBProbe {
    public let counters: MIBSubscription<ICMP6Metric>

    public init(counters: MIBSubscription<ICMP6Metric>) { self.counters = counters }
}
