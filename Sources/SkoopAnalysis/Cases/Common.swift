// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// What several cases measure, and which consequences several causes have.
enum Common {
    static let activeOpens = Measure(TCPMetric.activeopens)
    static let passiveOpens = Measure(TCPMetric.passiveopens)
    static let sentSegments = Measure(TCPMetric.outsegs)
    static let retransmitted = Measure(TCPMetric.retranssegs)
    static let synRetransmits = Measure(TCPExtMetric.tcpsynretrans)

    static let udpSent = Measure(UDPMetric.outdatagrams, UDP6Metric.outDatagrams)
    static let udpReceived = Measure(UDPMetric.indatagrams, UDP6Metric.inDatagrams)
    /// Datagrams that came and did not reach a process: for want of memory, or damaged.
    static let udpNotReceived = Measure(UDPMetric.inerrors, UDP6Metric.inErrors)
    static let udpNotSent = Measure(UDPMetric.sndbuferrors, UDP6Metric.sndbufErrors)
    static let udpNoPorts = Measure(UDPMetric.noports, UDP6Metric.noPorts)

    static let fullSYNQueues = Measure(metrics: [
        TCPExtExtraMetric.requestQueueFullDrop.metric, TCPExtExtraMetric.requestQueueFullCookies.metric,
    ])

    static let allConnects = Measure(ConnectMetric.total)
    static let connectsInVain = Measure(ConnectMetric.total).where("result", "timeout", "closed", "failed")

    static let clientQueries = Measure(DNSMetric.queries).where("direction", "client")
    static let unansweredQueries = Measure(DNSMetric.unanswered).where("direction", "client")
    static let clientLookups = Measure(DNSMetric.seconds).where("direction", "client")
    static let allResponses = Measure(DNSMetric.responses).where("direction", "client")

    static let paws = Measure(metrics: [
        TCPExtMetric.pawsactive.metric, TCPExtMetric.pawsestab.metric, TCPExtExtraMetric.pawsTimeWait.metric,
    ])
    static let pruned = Measure(metrics: [
        TCPExtExtraMetric.receivePruned.metric, TCPExtExtraMetric.outOfOrderDrop.metric,
        TCPExtMetric.tcpzerowindowdrop.metric,
    ])
    static let checksumErrors = Measure(metrics: [
        UDPMetric.incsumerrors.metric, UDP6Metric.inCsumErrors.metric, TCPExtExtraMetric.checksumErrors.metric,
        ICMPMetric.inCsumErrors.metric, ICMP6Metric.inCsumErrors.metric,
    ])
    static let deviceDrops = Measure(NetdevMetric.rxdropped, NetdevMetric.txdropped)
    static let devicePackets = Measure(NetdevMetric.rxpackets, NetdevMetric.txpackets)
    static let netfilterStages = Measure(KernelLatencyExtraMetric.stage)
        .where("stage", "PREROUTING", "LOCAL_IN", "FORWARD", "LOCAL_OUT", "POSTROUTING")

    /// Requests to a proxy, of which there is an access log.
    static let allRequests = Measure(AccessMetric.requests)
    /// Requests that a limit of the proxy refused.
    static let rejected = Measure(AccessMetric.limited).where("result", "rejected")

    /// Requests that ended with one of some statuses, by how far their upstream got.
    static func requests(_ statuses: String..., reaching reaches: String...) -> Measure {
        allRequests.where("status", statuses).where("upstream", reaches)
    }

    static func upstreamTime(_ phase: String) -> Measure { Measure(AccessMetric.upstream).where("phase", phase) }

    static func resets(_ reasons: String...) -> Measure {
        Measure(TCPResetMetric.resets).where("direction", "sent").where("reason", reasons)
    }

    static func resetsSent(_ kind: String) -> Measure {
        Measure(TCPResetMetric.resets).where("direction", "sent").where("kind", kind)
    }

    static func connects(_ result: String) -> Measure { allConnects.where("result", result) }

    static func responses(_ codes: String...) -> Measure { allResponses.where("rcode", codes) }

    static func drops(_ reasons: String...) -> Measure { Measure(PacketlossExtraMetric.drops).where("reason", reasons) }

    /// What waited for a neighbour's address in vain; kernels name no reason for it over IPv6.
    static let unresolved = Measure(PacketlossExtraMetric.drops)
        .where("location", "ndisc_error_report", "arp_error_report", "neigh_invalidate")

    /// What BPF programs on devices or of control groups keep from being sent.
    static let refusedByPrograms = drops("TC_EGRESS", "BPF_CGROUP_EGRESS")

    static func retransmits(_ kinds: String...) -> Measure {
        Measure(TCPRetransExtraMetric.packets).where("kind", kinds)
    }

    /// Whoever tries `localhost` by both versions of IP is refused by one of them all the time.
    static let refused = EventQuery(ConnectEvent.failed).where("result", "refused").except("dst", "127.0.0.1", "::1")
    static let unreachable = EventQuery(ConnectEvent.failed).where("result", "unreachable")
    /// Of connections of either direction.
    static let resetReceived = EventQuery(TCPResetEvent.receive).except("state", "TCP_SYN_SENT", "TCP_SYN_RECV")
    /// Of connections that the entity opened itself, from a port that the kernel chose: clients of a server may reset.
    static let resetOfOpened = resetReceived.where("sport", atLeast: 32_768)
    /// Timeouts of segments as long as only bulk data has them, and of short ones.
    static let longTimeouts = EventQuery(TCPRetransEvent.retransmission).where("kind", "timeout").where(
        "bytes", atLeast: 900)
    static let shortTimeouts = EventQuery(TCPRetransEvent.retransmission).where("kind", "timeout")
        .where("bytes", atMost: 400)
    /// Retransmissions that somebody's acknowledgements asked for: later or earlier segments did arrive.
    static let recoveries = EventQuery(TCPRetransEvent.retransmission).where("kind", "fast", "slowstart")
    static let repeatedTimeouts = longTimeouts.where("attempts", atLeast: 2)
    /// Clients that try several addresses at once give the slower ones up sooner.
    static let abandoned = EventQuery(ConnectEvent.abandoned).where("latency_ns", atLeast: 0.4)

    /// The entity takes connections rather than opens them; so does one whose connections are all old.
    static let serves = Quantity.ratio(activeOpens, passiveOpens) <= 1.5
    /// The entity opens connections rather than takes them; so does one whose connections are all old.
    static let calls = Quantity.ratio(passiveOpens, activeOpens) <= 1.5

    /// The entity opens nearly all of its connections, whatever ports its kernel chooses for that.
    static let onlyCalls = Quantity.increase(activeOpens) >= 1 && .ratio(passiveOpens, activeOpens) <= 0.2

    /// DNS clients wait in vain, or have to ask again.
    static let dnsSuffers =
        Quantity.increase(unansweredQueries) >= 1 || Quantity.increase(Measure(DNSMetric.retried)) >= 1

    static let systemCalls = Measure(IOMetric.readsyscall, IOMetric.writesyscall)

    /// What the resolver's own pod shows when it loses queries or answers.
    static let resolverLoses = Clue(
        (Quantity.increase(udpNotReceived) >= 1 || Quantity.increase(udpNotSent) >= 1).of(.resolver),
        "the DNS server's own host lost datagrams: its buffers were full, or they were damaged")
    /// As where all of a device's interrupts go to one CPU, which no driver asks for and many systems do.
    static let firstCPUOnly = Clue(
        .ratio(
            Measure(SoftnetExtraMetric.processed).where("cpu", "0"), Measure(SoftnetExtraMetric.processed)) >= 0.9,
        weight: 0.3, "nearly all packets are worked on by the first CPU: the load is not spread")
    /// What is sent later than usual, or not at all.
    static let sendsLess = Clue(
        Quantity.change(udpSent, floor: 1) <= 0.5, weight: 0.3,
        "fewer datagrams were sent than usual: queries leave late, or never")

    /// Somebody has to send again, or waits in vain: what loss does.
    static let suffers =
        (Quantity.increase(retransmitted) >= 5 && .ratio(retransmitted, sentSegments) >= 0.001)
        || Quantity.increase(Measure(DNSMetric.retried)) >= 2 || Quantity.increase(unansweredQueries) >= 1
        || Quantity.increase(Measure(ConnectMetric.unanswered)) >= 1

    /// What a proxy's log shows when its upstream or the way to it is slow.
    static let slowUpstreams = [
        "upstream-slow", "upstream-body-slow", "upstream-answer-timeout", "client-gave-up", "client-slow",
    ]

    /// What follows when packets get lost, whoever lost them.
    static let lost =
        [
            "path-loss", "connect-unanswered", "connect-slow", "handshake-incomplete", "dns-no-answer", "dns-retries",
            "dns-slow", "peer-gone", "mtu-black-hole", "reset-by-peer", "retransmit-failed", "peer-reads-slowly",
            "upstream-connect-timeout", "dns-search",
        ] + slowUpstreams

    /// What follows when a process is busy or asleep, but for what follows from its full listen queues.
    static let idle =
        [
            "listen-overflow", "slow-reader", "peer-reads-slowly", "dns-slow", "dns-late-answer", "dns-no-answer",
            "dns-retries", "udp-receive-buffer", "tcp-receive-buffer", "close-wait-leak", "upstream-connect-timeout",
        ] + slowUpstreams

    /// What follows when a process does not get to do its work.
    static let waiting =
        idle + [
            "syn-queue-full", "connect-slow", "connect-unanswered", "handshake-incomplete", "path-loss", "peer-gone",
            "reset-by-peer",
        ]
}
