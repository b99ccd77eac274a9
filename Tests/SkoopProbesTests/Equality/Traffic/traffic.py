# SPDX-License-Identifier: Apache-2.0
"""Makes the kernel count: traffic of every kind between two network namespaces, given by their mounts.

Every step names the counters it is for and waits until they have risen, so a kernel that counts otherwise ends the
script with the name of the counter.
"""
import ctypes
import mmap
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

from wire import ACK, FIN, LIBC, RST, SYN, UDP, UNKNOWN, Namespace, Peer, Wire, checksum, until

V4, V6 = socket.AF_INET, socket.AF_INET6
A, B = Namespace(sys.argv[1]), Namespace(sys.argv[2])
OF_A = {V4: "10.77.0.1", V6: "fd77::1"}
OF_B = {V4: "10.77.0.2", V6: "fd77::2"}
FAKE = {V4: "10.77.0.66", V6: "fd77::66"}  # the host that wires pretend to be
BEYOND = {V4: "10.78.0.2", V6: "fd78::2"}  # routed through B
FAMILIES = (V4, V6)
BLOCKED, LOSSY, SMALL = 7001, 7002, 7003  # ports to which B's firewall drops all, some, and large packets


def connect_networks():
    for ns in (A, B):
        ns.set_option(0, *(f"ipv6/conf/{which}/{name}" for which in ("all", "default")
                           for name in ("router_solicitations", "accept_ra", "accept_dad", "dad_transmits")))
        ns.set_option(10, "ipv6/conf/default/mldv1_unsolicited_report_interval",
                      "ipv6/conf/default/mldv2_unsolicited_report_interval",
                      "ipv4/conf/default/igmpv2_unsolicited_report_interval",
                      "ipv4/conf/default/igmpv3_unsolicited_report_interval")
        ns.set_option(10000, "ipv4/tcp_rto_min_us")
    with A:
        A.run(f"ip link add eth0 type veth peer name eth0 netns {B.name}")
    B.run("ip link add far0 mtu 1280 type veth peer name far1")
    addresses = {}
    for ns, number in ((A, 1), (B, 2)):
        ns.run(f"ip addr add 10.77.0.{number}/24 dev eth0", f"ip addr add fd77::{number}/64 dev eth0 nodad",
               "ip link set eth0 up")
        addresses[ns] = ns.address("eth0")
    far = B.address("far1").hex(":")
    B.set_option(1, "ipv6/conf/far1/disable_ipv6")
    B.run("ip addr add 10.78.0.1/24 dev far0", "ip addr add fd78::1/64 dev far0 nodad", "ip link set far0 up",
          "ip link set far1 up")
    # What is known needs no neighbour discovery, whose timers would disturb the quiet.
    mac = {ns: address.hex(":") for ns, address in addresses.items()}
    A.run(*(f"ip neigh add {OF_B[f]} lladdr {mac[B]} dev eth0" for f in FAMILIES),
          "ip route add 10.78.0.0/24 via 10.77.0.2", "ip route add fd78::/64 via fd77::2")
    B.run(*(f"ip neigh add {host[f]} lladdr {mac[A]} dev eth0" for f in FAMILIES for host in (OF_A, FAKE)),
          *(f"ip neigh add {BEYOND[f]} lladdr {far} dev far0" for f in FAMILIES),
          # A path too narrow for the protocol: answers over it cannot be made.
          "ip route add 10.79.0.0/24 via 10.77.0.66 mtu lock 60",
          "ip route add fd79::/64 via fd77::66 mtu lock 40")
    B.set_option(1, "ipv4/conf/all/forwarding", "ipv6/conf/all/forwarding")
    B.set_option(0, "ipv4/conf/all/rp_filter", "ipv4/conf/eth0/rp_filter")
    B.set_option(1, "ipv4/ipfrag_time", "ipv6/ip6frag_time")
    B.run("nft table inet traffic",
          "nft add set inet traffic deaf { type inet_service; }",
          "nft add chain inet traffic in { type filter hook input priority 0; }",
          f"nft add rule inet traffic in tcp dport {BLOCKED} drop",
          "nft add rule inet traffic in tcp sport @deaf drop",
          f"nft add rule inet traffic in tcp dport {LOSSY} meta length > 1000 numgen inc mod 13 == 5 drop",
          f"nft add rule inet traffic in tcp dport {SMALL} meta length > 1200 drop")
    A.run("nft table inet traffic",
          "nft add set inet traffic mute { type inet_service; }",
          "nft add chain inet traffic out { type filter hook output priority 0; }",
          "nft add rule inet traffic out tcp sport @mute drop",
          "nft add rule inet traffic out udp dport 7777 drop")
    for ns in (A, B):
        until(lambda: "state UP" in _show(ns), f"carrier of eth0 in {ns.name}")


def make_wires():
    hardware = B.address("eth0") + A.address("eth0")
    return {f: Wire(A, "eth0", hardware, f, FAKE[f], OF_B[f]) for f in FAMILIES}


def _show(ns):
    with ns:
        return subprocess.run(["ip", "link", "show", "eth0"], capture_output=True, text=True, check=True).stdout


def listen(family, port=0, backlog=16, buffer=None):
    listener = B.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if buffer:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    listener.bind((OF_B[family], port))
    listener.listen(backlog)
    return listener


def connect(family, listener):
    """A connection from A to B: both sockets."""
    client = A.socket(family)
    client.connect(listener.getsockname()[:2])
    return client, listener.accept()[0]


def pair(family, port=0):
    with listen(family, port) as listener:
        return connect(family, listener)


def info(sock):
    """State, backoff and retransmissions in all, of TCP_INFO."""
    data = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    return data[0], data[4], struct.unpack_from("=I", data, 100)[0]


def linger(sock, seconds=0):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


# TCP between the two hosts


def tcp_connections(family):
    with A.raises("TcpActiveOpens", "TcpInSegs", "TcpOutSegs"), B.raises("TcpPassiveOpens"):
        for _ in range(3):
            client, server = pair(family)
            thread = threading.Thread(target=client.sendall, args=(b"x" * 100_000,))
            thread.start()
            left = 100_000
            while left:
                left -= len(server.recv(left))
            thread.join()
            client.close()
            server.close()


def tcp_resets(family):
    with A.raises("TcpAttemptFails"), B.raises("TcpOutRsts"):
        assert A.socket(family).connect_ex((OF_B[family], 9)) != 0
    with A.raises("TcpExtTCPAbortOnData", "TcpOutRsts"), B.raises("TcpEstabResets"):
        client, server = pair(family)
        linger(client)
        client.close()
    server.close()
    with B.raises("TcpExtTCPAbortOnClose"):
        client, server = pair(family)
        client.sendall(b"unread")
        select.select([server], [], [])
        server.close()
    client.close()
    with A.raises("TcpExtTCPAbortOnLinger"):
        client, server = pair(family)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, -1)
        client.shutdown(socket.SHUT_WR)
        until(lambda: info(client)[0] == 5, "FIN_WAIT2")
        client.close()
    server.close()


def tcp_accept_queue(family):
    with listen(family, backlog=0) as listener, B.raises("TcpExtListenOverflows", "TcpExtListenDrops"):
        clients = [A.socket(family) for _ in range(4)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(listener.getsockname()[:2])
    for client in clients:
        client.close()


def tcp_muted(family):
    """The sender's own firewall drops: retransmissions and the reset fail locally."""
    client, server = pair(family)
    port = client.getsockname()[1]
    B.run(f"nft add element inet traffic deaf {{ {port} }}")
    client.sendall(b"x" * 100)
    with A.raises("TcpExtTCPRetransFail", "TcpExtTCPTimeouts"):
        A.run(f"nft add element inet traffic mute {{ {port} }}")
    with A.raises("TcpExtTCPAbortFailed"):
        linger(client)
        client.close()
    server.close()


def tcp_user_timeout(family):
    with listen(family, BLOCKED) as listener:
        client = A.socket(family)
        client.setsockopt(socket.IPPROTO_TCP, 18, 50)  # TCP_USER_TIMEOUT
        client.setblocking(False)
        with A.raises("TcpExtTCPAbortOnTimeout", "TcpExtTCPSynRetrans", "TcpRetransSegs"):
            client.connect_ex(listener.getsockname()[:2])


def tcp_loss(family):
    client, server = pair(family, LOSSY)
    stop = []

    def send():
        while not stop:
            client.sendall(b"x" * 50_000)
        client.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=send)
    with A.raises("TcpExtTCPFastRetrans", "TcpRetransSegs"):
        thread.start()
        drain = threading.Thread(target=lambda: [None for _ in iter(lambda: server.recv(65536), b"")])
        drain.start()
    stop.append(True)
    thread.join()
    drain.join()
    client.close()
    server.close()


def tcp_mtu_probes(family):
    A.set_option(2, "ipv4/tcp_mtu_probing")
    A.run("ip link set eth0 gso_max_segs 1")  # or the firewall would see large packets of small segments
    for port, counter in ((0, "TcpExtTCPMTUPSuccess"), (SMALL, "TcpExtTCPMTUPFail")):
        client, server = pair(family, port)
        drain = threading.Thread(target=lambda: [None for _ in iter(lambda: server.recv(65536), b"")])
        drain.start()
        client.setblocking(False)
        with A.raises(counter):
            before = A.counters()[counter]

            def pump():
                for _ in range(50):
                    try:
                        client.send(b"x" * 65536)
                    except BlockingIOError:
                        break
                return A.counters()[counter] > before

            until(pump, counter)
        client.close()
        drain.join()
        server.close()
    A.run("ip link set eth0 gso_max_segs 65535")
    A.set_option(0, "ipv4/tcp_mtu_probing")


def tcp_window_probe(family):
    client, server = pair(family)
    client.setblocking(False)
    with A.raises("TcpExtTCPWinProbe"):
        try:
            while True:
                client.send(b"x" * 65536)
        except BlockingIOError:
            pass
        until(lambda: A.counters()["TcpExtTCPWinProbe"] > 0, "a window probe")
    client.close()
    server.close()


# TCP with a hand-made peer


def raw_handshakes(wire, family):
    listener = listen(family)
    port = listener.getsockname()[1]
    with B.raises("TcpInErrs", "TcpInCsumErrors"):
        Peer(wire, port).send(SYN, wrong=True)
    with B.raises("TcpExtEmbryonicRsts", "TcpAttemptFails"):
        peer = Peer(wire, port).connect(finish=False)
        peer.send(RST)
    with B.raises("TcpExtTCPSynRetrans"):
        peer = Peer(wire, port).connect(finish=False)
        peer.send(SYN, seq=peer.seq - 1, extra=peer.opening)
    with B.raises("TcpExtTCPACKSkippedSynRecv"):
        for _ in range(3):
            peer.send(ACK, seq=peer.seq + 500_000_000)
    peer.send(RST)
    peer = Peer(wire, port).connect()
    server = listener.accept()[0]
    with B.raises("TcpExtPAWSEstab", "TcpExtTCPACKSkippedPAWS"):
        for _ in range(3):
            peer.send(ACK, now=1)
    peer.send(RST)
    server.close()
    peer = Peer(wire, port).connect()
    server = listener.accept()[0]
    with B.raises("TcpExtTCPACKSkippedSeq"):
        for _ in range(3):
            peer.send(ACK, seq=peer.seq + 500_000_000)
    peer.send(RST)
    server.close()
    peer = Peer(wire, port).connect()
    server = listener.accept()[0]
    with B.raises("TcpExtTCPACKSkippedChallenge"):
        for _ in range(3):
            peer.send(SYN)
    # FIN_WAIT2, then TIME_WAIT, of the small socket that stays after close
    server.close()
    peer.ack = peer.receive(FIN).seq + 1
    peer.send(ACK)
    with B.raises("TcpExtTCPACKSkippedFinWait2"):
        for _ in range(3):
            peer.send(ACK, seq=peer.seq + 500_000_000)
    peer.send(FIN | ACK)
    peer.seq += 1
    with B.raises("TcpExtTCPACKSkippedTimeWait"):
        for _ in range(3):
            peer.send(ACK, seq=peer.seq + 500_000_000)
    listener.close()


def raw_accept(wire, family):
    """B connects to the peer: the peer and B's socket."""
    peer = Peer(wire)
    client = B.socket(family)
    client.setblocking(False)
    client.connect_ex((FAKE[family], peer.local))
    return peer, client


def raw_old_answer(wire, family):
    peer, client = raw_accept(wire, family)
    with B.raises("TcpExtPAWSActive"):
        peer.ack = peer.receive(SYN).seq + 1
        peer.send(SYN | ACK, echo=peer.echo + 1_000_000, extra=peer.opening)
    client.close()
    peer.send(RST)


def raw_memory(wire, family):
    """B has more queued than its buffers may hold."""
    peer, client = raw_accept(wire, family)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.answer()
    until(lambda: info(client)[0] == 1, "ESTABLISHED")
    first = peer.ack
    for _ in range(3):
        client.send(b"x" * 2964)
    try:
        while True:
            client.send(b"x" * 65536)
    except BlockingIOError:
        pass
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    with B.raises("TcpExtTCPWqueueTooBig"):
        for shift in (988, 988 * 2):
            peer.send(ACK, ack=first, extra=struct.pack("!BBBBII", 1, 1, 5, 10, first + 2964 + shift,
                                                        first + 2964 * 2))
    linger(client)
    client.close()

    peer, client = raw_accept(wire, family)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 60_000)
    peer.answer()
    until(lambda: info(client)[0] == 1, "ESTABLISHED")

    def data(count, gap=0):
        peer.seq += gap
        for _ in range(count):
            peer.send(ACK, b"x" * 1000)
            peer.seq += 1000

    data(10)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    with B.raises("TcpExtTCPRcvQDrop"):
        data(4)
    linger(client)
    client.close()

    # The buffer full of what came out of order: the window is closed while nothing can be read.
    B.set_option(1, "ipv4/tcp_shrink_window")
    peer, client = raw_accept(wire, family)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 60_000)
    peer.answer()
    until(lambda: info(client)[0] == 1, "ESTABLISHED")
    start = peer.seq
    data(10, gap=1000)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    peer.send(ACK, seq=start - 500_000_000)  # what is out of the window is answered with the new one
    with B.raises("TcpExtTCPZeroWindowDrop"):
        for _ in range(4):
            peer.send(ACK, b"x" * 500, seq=start)
    B.set_option(0, "ipv4/tcp_shrink_window")
    linger(client)
    client.close()


class StuckPages:
    """Memory whose first touch waits until it is released, so that a system call waits with its locks held."""
    NUMBER = {"x86_64": 323, "aarch64": 282}[os.uname().machine]

    def __init__(self, size=65536):
        self.file = LIBC.syscall(self.NUMBER, os.O_CLOEXEC)
        if self.file < 0:
            raise OSError(ctypes.get_errno(), "userfaultfd")
        self.memory = mmap.mmap(-1, size)
        self.start, self.size = ctypes.addressof(ctypes.c_char.from_buffer(self.memory)), size
        self._control(0xC018AA3F, struct.pack("QQQ", 0xAA, 0, 0))  # UFFDIO_API
        self._control(0xC020AA00, struct.pack("QQQQ", self.start, size, 1, 0))  # UFFDIO_REGISTER, missing pages

    def _control(self, request, argument):
        if LIBC.ioctl(self.file, ctypes.c_ulong(request), ctypes.create_string_buffer(argument, len(argument))) != 0:
            raise OSError(ctypes.get_errno(), "userfaultfd")

    def wait(self):
        """Until somebody waits for the memory."""
        assert len(os.read(self.file, 32)) == 32

    def release(self):
        self._control(0xC020AA04, struct.pack("QQQQ", self.start, self.size, 0, 0))  # UFFDIO_ZEROPAGE
        os.close(self.file)


def raw_backlog(wire, family):
    """Segments for a socket that a system call keeps busy."""
    listener = listen(family)
    peer = Peer(wire, listener.getsockname()[1]).connect()
    server = listener.accept()[0]
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    pages = StuckPages()
    # not socket.send(): the pages must be touched by the kernel only
    thread = threading.Thread(
        target=lambda: LIBC.send(server.fileno(), ctypes.c_void_p(pages.start), ctypes.c_size_t(1000), 0))
    thread.start()
    pages.wait()
    with B.raises("TcpExtTCPBacklogDrop"):
        for number in range(400):
            # every other one, for neighbours would be merged
            peer.send(ACK, b"x" * 100, seq=peer.seq + 200 * number)
    pages.release()
    thread.join()
    linger(server)
    server.close()
    listener.close()


# UDP


def udp_datagrams(wire, family):
    suffix = "6" if family == V6 else ""
    receiver = B.socket(family, socket.SOCK_DGRAM)
    receiver.bind((OF_B[family], 0))
    sender = A.socket(family, socket.SOCK_DGRAM)
    address = receiver.getsockname()[:2]
    with B.raises(f"Udp{suffix}InDatagrams"), A.raises(f"Udp{suffix}OutDatagrams"):
        sender.sendto(b"data", address)
        receiver.recv(10)
    with B.raises(f"Udp{suffix}InErrors", f"Udp{suffix}InCsumErrors"):
        wire.udp(address[1], wrong=True)
        receiver.setblocking(False)
        until(lambda: _refuses(receiver), "the datagram of the wrong sum")
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    with B.raises(f"Udp{suffix}RcvbufErrors"):
        for _ in range(40):
            sender.sendto(b"x" * 1000, address)
    with B.raises(f"Udp{suffix}NoPorts", "Icmp6OutRateLimitHost" if suffix else "IcmpOutRateLimitHost",
                  "Icmp6OutDestUnreachs" if suffix else "IcmpOutDestUnreachs"):
        for _ in range(40):
            sender.sendto(b"late", (OF_B[family], 9))
    # A neighbour that does not exist: what waits for it fills the send buffer.
    with A.raises(f"Udp{suffix}SndbufErrors"):
        absent = A.socket(family, socket.SOCK_DGRAM)
        absent.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        absent.setblocking(False)
        for _ in range(10):
            try:
                absent.sendto(b"x" * 1200, ("fd77::99" if suffix else "10.77.0.99", 9))
            except BlockingIOError:
                pass
    A.run("ip neigh flush dev eth0 nud incomplete")
    with A.raises(f"Ip{suffix}OutDiscards"):
        try:
            sender.sendto(b"forbidden", (OF_B[family], 7777))
        except PermissionError:
            pass
    with A.raises(f"Ip{suffix}OutNoRoutes"):
        try:
            sender.sendto(b"nowhere", ("fdff::1" if suffix else "192.0.2.1", 9))
        except OSError:
            pass
    udp_multicast(family, sender, suffix)


def _refuses(receiver):
    try:
        receiver.recv(10)
    except BlockingIOError:
        return True
    return False


def udp_multicast(family, sender, suffix):
    member = B.socket(family, socket.SOCK_DGRAM)
    with B:
        device = socket.if_nametoindex("eth0")
    if family == V6:
        group = "ff02::7777"
        member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                          socket.inet_pton(V6, group) + struct.pack("@I", device))
        with A:
            sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex("eth0"))
    else:
        group = "239.7.7.7"
        member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                          struct.pack("4s4si", socket.inet_aton(group), bytes(4), device))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(OF_A[V4]))
    with B.raises(f"Udp{suffix}IgnoredMulti"):
        sender.sendto(b"to all", (group, 9))


# IP and ICMP


def ip_packets(wire, family):
    suffix = "6" if family == V6 else ""
    beyond = BEYOND[family]
    with B.raises(f"Ip{suffix}OutForwDatagrams" if suffix else "IpForwDatagrams"):
        A.socket(family, socket.SOCK_DGRAM).sendto(b"x" * 100, (beyond, 9))
    if suffix:
        with B.raises("Ip6InDiscards"):  # behind far0 is a device without IPv6
            A.socket(family, socket.SOCK_DGRAM).sendto(b"x" * 100, (beyond, 9))
    with B.raises(f"Ip{suffix}InHdrErrors", "Icmp6OutTimeExcds" if suffix else "IcmpOutTimeExcds"):
        wire.udp(9, target=beyond, ttl=1)
    with B.raises(f"Ip{suffix}InUnknownProtos"):
        wire.send(UNKNOWN, b"x" * 20)
    with B.raises(f"Ip{suffix}FragFails"):
        wire.udp(9, b"x" * 1400, target=beyond, **({} if suffix else {"fragment": 0x4000}))
    with A.raises(f"Ip{suffix}FragOKs", f"Ip{suffix}FragCreates"), \
            B.raises(f"Ip{suffix}ReasmReqds", f"Ip{suffix}ReasmOKs"):
        A.socket(family, socket.SOCK_DGRAM).sendto(b"x" * 4000, (OF_B[family], 9))
    if suffix:
        with B.raises("Ip6InNoRoutes"):
            wire.udp(9, target="fdff::1")
        with B.raises("Ip6InTruncatedPkts"):
            wire.send(UNKNOWN, b"x" * 20, total=1000)
        with B.raises("Ip6InNoECTPkts", "Ip6InECT0Pkts", "Ip6InECT1Pkts", "Ip6InCEPkts"):
            for mark in range(4):
                wire.udp(9, tos=mark)
        with B.raises("Ip6InAddrErrors"):
            wire.udp(9, source="::", target=beyond)
    else:
        with A.raises("IpInAddrErrors"):  # the answer goes to a host that is not there
            wire.icmp(8)


def ip_lone_fragments(wires):
    """First halves whose second never comes; the kernel gives up after a second."""
    wires[V4].raw(wires[V4].packet(UDP, b"x" * 64, identity=77, fragment=0x2000))
    # fragment header: next header UDP, offset 0, more to come
    wires[V6].send(44, struct.pack("!BBHI", UDP, 0, 1, 77) + b"x" * 64)


def icmp_messages(wire, family):
    """Messages of all types that the kernel counts, sent by B and received by A."""
    if family == V6:
        out, prefix, types = B.socket(V6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6), "Icmp6", {
            1: "DestUnreachs", 2: "PktTooBigs", 3: "TimeExcds", 4: "ParmProblems", 128: "Echos", 129: "EchoReplies",
            130: "GroupMembQueries", 131: "GroupMembResponses", 132: "GroupMembReductions", 133: "RouterSolicits",
            134: "RouterAdvertisements", 135: "NeighborSolicits", 136: "NeighborAdvertisements", 137: "Redirects",
            143: "MLDv2Reports"}
    else:
        out, prefix, types = B.socket(V4, socket.SOCK_RAW, socket.IPPROTO_ICMP), "Icmp", {
            3: "DestUnreachs", 4: "SrcQuenchs", 5: "Redirects", 8: "Echos", 0: "EchoReps", 11: "TimeExcds",
            12: "ParmProbs", 13: "Timestamps", 14: "TimestampReps", 17: "AddrMasks", 18: "AddrMaskReps"}
    with A.raises(*(f"{prefix}In{name}" for name in types.values()), f"{prefix}InErrors"), \
            B.raises(*(f"{prefix}Out{name}" for name in types.values()), f"{prefix}OutMsgs"):
        for kind in types:
            body = struct.pack("!BBH", kind, 0, 0) + b"\0" * 20
            if family == V4:
                body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
            out.sendto(body, (OF_A[family], 0))
    with B.raises(f"{prefix}InMsgs", f"{prefix}InCsumErrors", f"{prefix}InErrors"):
        wire.icmp(128 if family == V6 else 8, wrong=True)
    with B.raises(f"{prefix}OutErrors"):
        wire.icmp(128 if family == V6 else 8, source="fd79::9" if family == V6 else "10.79.0.9")


def icmp_rate_limit():
    B.set_option(0, "ipv4/icmp_msgs_per_sec")
    B.set_option(0, "ipv4/icmp_ratelimit")
    with B.raises("IcmpOutRateLimitGlobal"):
        for _ in range(100):
            A.socket(V4, socket.SOCK_DGRAM).sendto(b"late", (OF_B[V4], 9))


def main():
    connect_networks()
    wires = make_wires()
    # What takes a second begins first.
    before = B.counters()
    ip_lone_fragments(wires)
    alive, _other = pair(V4)
    for option, value in ((socket.SO_KEEPALIVE, None), (socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1)):
        alive.setsockopt(socket.SOL_SOCKET if value is None else socket.IPPROTO_TCP, option, value or 1)

    for family in FAMILIES:
        wire = wires[family]
        for step in (tcp_connections, tcp_resets, tcp_accept_queue, tcp_muted, tcp_loss, tcp_mtu_probes,
                     tcp_window_probe):
            timed(step, family)
        for step in (raw_handshakes, raw_old_answer, raw_memory, raw_backlog, udp_datagrams, ip_packets,
                     icmp_messages):
            timed(step, wire, family)
    timed(icmp_rate_limit)
    timed(tcp_user_timeout, V4)
    for name in ("IpReasmTimeout", "Ip6ReasmTimeout", "IpReasmFails", "Ip6ReasmFails"):
        until(lambda: B.counters()[name] > before[name], name)
    until(lambda: A.counters()["TcpExtTCPKeepAlive"] > 0, "TCPKeepAlive")


def timed(step, *arguments):
    start = time.monotonic()
    step(*arguments)
    if os.environ.get("TRAFFIC_TIMES"):
        print(f"{time.monotonic() - start:6.3f} {step.__name__}", file=sys.stderr)


if __name__ == "__main__":
    main()
