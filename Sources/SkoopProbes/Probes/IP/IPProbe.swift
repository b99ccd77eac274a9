// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// IPv4 packets: the `Ip:` line of `/proc/net/snmp`.
public struct IPProbe: MIBProbe {
    public let counters: MIBSubscription<IPMetric>

    public init(counters: MIBSubscription<IPMetric>) { self.counters = counters }
}
