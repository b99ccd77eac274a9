# SPDX-License-Identifier: Apache-2.0
"""UDP, and IP and ICMP themselves."""
import socket
import struct

from network import A, B, BEYOND, OF_A, OF_B, V4, V6
from wire import UDP, UNKNOWN, checksum, until


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
