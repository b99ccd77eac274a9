// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What Linux counts of TCP beyond the standard, for both IP versions, per network namespace: the `TcpExt:` line of
/// `/proc/net/netstat`.
public enum TCPExtMetric: String, MetricSet {
    case listendrops, listenoverflows, tcpsynretrans, tcpfastretrans, tcpretransfail, tcptimeouts, tcpabortonclose
    case tcpabortonmemory, tcpabortontimeout, tcpabortonlinger, tcpabortondata, tcpabortfailed, tcpackskippedsynrecv
    case tcpackskippedpaws, tcpackskippedseq, tcpackskippedfinwait2, tcpackskippedtimewait, tcpackskippedchallenge
    case tcprcvqdrop, tcpmemorypressures, tcpmemorypressureschrono, pawsactive, pawsestab, embryonicrsts, tcpwinprobe
    case tcpkeepalive, tcpmtupfail, tcpmtupsuccess, tcpzerowindowdrop, tcpbacklogdrop, pfmemallocdrop, tcpwqueuetoobig

    public static let probe = "tcpext"
    public static let summary = "TCP listen queues, retransmissions, aborts, suppressed ACKs and memory pressure"

    public var definition: MetricDefinition {
        switch self {
        case .listendrops:
            count(
                "ListenDrops", "LINUX_MIB_LISTENDROPS",
                "connection requests and handshakes that listening sockets dropped for any reason",
                rise: "Clients see slow or failed connects. Compare with listenoverflows: what exceeds it has other "
                    + "reasons, such as a full SYN queue or lack of memory.",
                correction:
                    "not only half-open connections: it contains every accept queue overflow and every other failure "
                    + "to create the new connection")
        case .listenoverflows:
            count(
                "ListenOverflows", "LINUX_MIB_LISTENOVERFLOWS",
                "connection requests and handshakes dropped because the listening socket's accept queue was full",
                rise: "The application does not call accept fast enough, is stalled or not scheduled, or its backlog "
                    + "(also net.core.somaxconn) is too small for the burst.",
                correction:
                    "the ACK document speaks of the queue of half-open connections; it is the accept queue, where "
                    + "completed connections wait for accept",
                aliases: [Metric.Alias("kubeskoop_tcpext_listenoverflow", .ack)])
        case .tcpsynretrans:
            count(
                "TCPSynRetrans", "LINUX_MIB_TCPSYNRETRANS", "SYN and SYN-ACK segments sent again",
                rise:
                    "Handshakes get no answer: the peer is down or overloaded, packets are filtered, or the path loses them."
            )
        case .tcpfastretrans:
            count(
                "TCPFastRetrans", "LINUX_MIB_TCPFASTRETRANS",
                "segments sent again during fast recovery, that is without waiting for a timeout",
                rise: "The path loses single segments and the connections recover quickly: congestion or a lossy link.")
        case .tcpretransfail:
            count(
                "TCPRetransFail", "LINUX_MIB_TCPRETRANSFAIL", "retransmissions that failed on this host itself",
                rise: "Segments cannot be sent again locally: the qdisc drops, memory is short, or the route is gone.")
        case .tcptimeouts:
            count(
                "TCPTimeouts", "LINUX_MIB_TCPTIMEOUTS", "expirations of TCP's retransmission timer",
                rise:
                    "Neither data nor acknowledgement came back for a whole timeout: heavy loss, a dead peer, or a peer "
                    + "whose host is stalled.")
        case .tcpabortonclose:
            count(
                "TCPAbortOnClose", "LINUX_MIB_TCPABORTONCLOSE",
                "connections reset because they were closed with unread data",
                rise:
                    "Processes close sockets without reading what has arrived, for example after an error or a timeout. "
                    + "The peer sees a connection reset.")
        case .tcpabortonmemory:
            count(
                "TCPAbortOnMemory", "LINUX_MIB_TCPABORTONMEMORY",
                "connections reset because of too many orphaned sockets or too little TCP memory",
                rise:
                    "The limits net.ipv4.tcp_mem or tcp_max_orphans are reached: look at kubeskoop_sock_mem and kubeskoop_sock_orphan."
            )
        case .tcpabortontimeout:
            count(
                "TCPAbortOnTimeout", "LINUX_MIB_TCPABORTONTIMEOUT",
                "connections given up because retransmissions, window probes, keepalives or the user timeout ran out",
                rise:
                    "Peers have vanished without closing: dead hosts, a broken path, or a middle box that forgot idle connections."
            )
        case .tcpabortonlinger:
            count(
                "TCPAbortOnLinger", "LINUX_MIB_TCPABORTONLINGER",
                "connections reset in FIN_WAIT2 because the socket asked for no lingering there",
                rise:
                    "Applications set a negative TCP_LINGER2 and so cut the last phase of closing. Peers may see resets."
            )
        case .tcpabortondata:
            count(
                "TCPAbortOnData", "LINUX_MIB_TCPABORTONDATA",
                "connections reset because of SO_LINGER 0 or because data came after the socket had been closed",
                rise:
                    "Processes close abruptly by intention, or close while the peer still sends. The peer sees a connection reset."
            )
        case .tcpabortfailed:
            count(
                "TCPAbortFailed", "LINUX_MIB_TCPABORTFAILED", "resets that should have been sent but could not",
                rise: "The host has no memory even for a reset segment, and peers keep half-dead connections.")
        case .tcpackskippedsynrecv:
            count(
                "TCPACKSkippedSynRecv", "LINUX_MIB_TCPACKSKIPPEDSYNRECV",
                "ACKs of duplicate or invalid segments in SYN_RECV withheld by the rate limit",
                rise:
                    "A peer repeats SYNs or wrong segments during the handshake: its side of the path loses the SYN-ACKs, "
                    + "or an old connection's numbers collide.")
        case .tcpackskippedpaws:
            count(
                "TCPACKSkippedPAWS", "LINUX_MIB_TCPACKSKIPPEDPAWS",
                "ACKs withheld by the rate limit of out-of-window segments after a timestamp check had failed",
                rise:
                    "Segments with old timestamps arrive repeatedly: several hosts behind one NAT address, or heavy reordering.",
                correction:
                    "not segments rejected by the timestamp check, which are pawsestab: only the ACKs in reply that "
                    + "the rate limit suppressed")
        case .tcpackskippedseq:
            count(
                "TCPACKSkippedSeq", "LINUX_MIB_TCPACKSKIPPEDSEQ",
                "ACKs of segments outside the window withheld by the rate limit",
                rise:
                    "Segments with sequence numbers outside the window arrive repeatedly: duplicates, a stale peer, or forged segments."
            )
        case .tcpackskippedfinwait2:
            count(
                "TCPACKSkippedFinWait2", "LINUX_MIB_TCPACKSKIPPEDFINWAIT2",
                "ACKs of invalid segments in FIN_WAIT2 withheld by the rate limit",
                rise: "A peer goes on sending wrong segments after this side has closed.")
        case .tcpackskippedtimewait:
            count(
                "TCPACKSkippedTimeWait", "LINUX_MIB_TCPACKSKIPPEDTIMEWAIT",
                "ACKs of invalid segments in TIME_WAIT withheld by the rate limit",
                rise: "A peer reuses a port too early or has not understood that the connection is closed.")
        case .tcpackskippedchallenge:
            count(
                "TCPACKSkippedChallenge", "LINUX_MIB_TCPACKSKIPPEDCHALLENGE",
                "challenge ACKs withheld by the rate limit of the connection",
                rise:
                    "Resets or SYNs with wrong numbers hit established connections: confused middle boxes or an attack."
            )
        case .tcprcvqdrop:
            count(
                "TCPRcvQDrop", "LINUX_MIB_TCPRCVQDROP", "segments dropped because the socket's receive buffer was full",
                rise: "The application reads too slowly or TCP memory is short. The peer retransmits.")
        case .tcpmemorypressures:
            count(
                "TCPMemoryPressures", "LINUX_MIB_TCPMEMORYPRESSURES",
                "entries into TCP memory pressure, counted where the deciding socket lives",
                rise:
                    "All TCP sockets of the host together passed the middle value of net.ipv4.tcp_mem: buffers shrink and throughput falls."
            )
        case .tcpmemorypressureschrono:
            count(
                "TCPMemoryPressuresChrono", "LINUX_MIB_TCPMEMORYPRESSURESCHRONO",
                "milliseconds that TCP spent under memory pressure, counted when it ends", unit: .milliseconds,
                rise: "How long the shortage lasted that tcpmemorypressures counts.")
        case .pawsactive:
            count(
                "PAWSActive", "LINUX_MIB_PAWSACTIVEREJECTED",
                "SYN-ACKs rejected in SYN_SENT for an impossible timestamp echo",
                rise:
                    "Answers to connects belong to older connections: NAT devices or load balancers mix up connections."
            )
        case .pawsestab:
            count(
                "PAWSEstab", "LINUX_MIB_PAWSESTABREJECTED",
                "segments of established connections rejected for an old timestamp",
                rise:
                    "Old duplicates or strongly reordered segments arrive, or several hosts share one address behind NAT."
            )
        case .embryonicrsts:
            count(
                "EmbryonicRsts", "LINUX_MIB_EMBRYONICRSTS",
                "resets received for connections still in the handshake (SYN_RECV)",
                rise: "Clients or health checks abandon handshakes by reset: port scans, TCP probes, impatient clients."
            )
        case .tcpwinprobe:
            count(
                "TCPWinProbe", "LINUX_MIB_TCPWINPROBE", "window probes sent to peers that announced no room",
                rise: "Peers do not read: their applications are slow or stalled.")
        case .tcpkeepalive:
            count(
                "TCPKeepAlive", "LINUX_MIB_TCPKEEPALIVE", "keepalive probes sent",
                rise: "Many connections idle longer than their keepalive time.")
        case .tcpmtupfail:
            count(
                "TCPMTUPFail", "LINUX_MIB_TCPMTUPFAIL", "path MTU probes that were lost",
                rise: "Larger segments do not pass the path; TCP has found its limit.")
        case .tcpmtupsuccess:
            count(
                "TCPMTUPSuccess", "LINUX_MIB_TCPMTUPSUCCESS", "path MTU probes that arrived",
                rise: "TCP works with larger segments than before. Only hosts with net.ipv4.tcp_mtu_probing count here."
            )
        case .tcpzerowindowdrop:
            count(
                "TCPZeroWindowDrop", "LINUX_MIB_TCPZEROWINDOWDROP",
                "segments dropped because the receive window was closed when they arrived",
                rise: "The application does not read, and the peer sends although the window is closed.")
        case .tcpbacklogdrop:
            count(
                "TCPBacklogDrop", "LINUX_MIB_TCPBACKLOGDROP",
                "segments dropped because the backlog of a socket in use by its process was full",
                rise:
                    "A process holds its socket's lock for long while much data arrives: it is starved of CPU, or its receive buffer is small."
            )
        case .pfmemallocdrop:
            count(
                "PFMemallocDrop", "LINUX_MIB_PFMEMALLOCDROP",
                "packets dropped because they lay in the kernel's emergency memory and the socket may not use that",
                rise: "The host is out of free pages and drops what arrives. Look for memory exhaustion on the node.")
        case .tcpwqueuetoobig:
            count(
                "TCPWqueueTooBig", "LINUX_MIB_TCPWQUEUETOOBIG",
                "segments not split because the send queue had outgrown its buffer",
                rise: "A peer provokes many tiny fragments by its SACKs, or send buffers are far too small.")
        }
    }

    private func count(
        _ field: String, _ enumerator: String, _ help: String, unit: Metric.Unit = .none, rise: String,
        correction: String? = nil, aliases: [Metric.Alias] = []
    ) -> MetricDefinition {
        .counter(
            help, unit: unit, mib: MIBCounter(.tcpExt, field, .enumerator(enumerator)), rise: rise,
            correction: correction, aliases: aliases)
    }
}
