# SPDX-License-Identifier: Apache-2.0
"""The two namespaces, given by their mounts: A, and B with the further network behind it."""
import socket
import struct
import subprocess
import sys

from wire import Namespace, Peer, Wire, until

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
        # A new namespace has these from the host's.
        ns.set_option(0, "ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv4/conf/all/rp_filter",
                      "ipv4/conf/default/rp_filter")
        ns.set_option(0, *(f"ipv6/conf/{which}/{name}" for which in ("all", "default")
                           for name in ("router_solicitations", "accept_ra", "accept_dad", "dad_transmits")))
        ns.set_option(10, "ipv6/conf/default/mldv1_unsolicited_report_interval",
                      "ipv6/conf/default/mldv2_unsolicited_report_interval",
                      "ipv4/conf/default/igmpv2_unsolicited_report_interval",
                      "ipv4/conf/default/igmpv3_unsolicited_report_interval")
    A.set_option(10_000, "ipv4/tcp_rto_min_us")  # or the steps that lose segments take a second
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
    B.set_option(1, "ipv4/ipfrag_time", "ipv6/ip6frag_time")
    B.run("nft table inet traffic",
          "nft add set inet traffic deaf { type inet_service . inet_service; }",
          "nft add chain inet traffic in { type filter hook input priority 0; }",
          f"nft add rule inet traffic in tcp dport {BLOCKED} drop",
          "nft add rule inet traffic in tcp sport . tcp dport @deaf drop",
          f"nft add rule inet traffic in tcp dport {LOSSY} meta length > 1000 numgen inc mod 13 == 5 drop",
          f"nft add rule inet traffic in tcp dport {SMALL} meta length > 1200 drop")
    A.run("nft table inet traffic",
          "nft add set inet traffic mute { type inet_service . inet_service; }",
          "nft add chain inet traffic out { type filter hook output priority 0; }",
          "nft add rule inet traffic out tcp sport . tcp dport @mute drop",
          "nft add rule inet traffic out udp dport 7777 drop")
    for ns in (A, B):
        until(lambda: "state UP" in show(ns), f"carrier of eth0 in {ns.name}")


def make_wires():
    hardware = B.address("eth0") + A.address("eth0")
    return {f: Wire(A, "eth0", hardware, f, FAKE[f], OF_B[f]) for f in FAMILIES}


def show(ns):
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


def silence(ns, which, client):
    """Nothing more of this connection passes; another one may have the client's port after it."""
    ns.run(f"nft add element inet traffic {which} {{ {client.getsockname()[1]} . {client.getpeername()[1]} }}")


def info(sock):
    """State, backoff and retransmissions in all, of TCP_INFO."""
    data = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    return data[0], data[4], struct.unpack_from("=I", data, 100)[0]


def linger(sock, seconds=0):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


def raw_accept(wire, family):
    """B connects to the peer: the peer and B's socket."""
    peer = Peer(wire)
    client = B.socket(family)
    client.setblocking(False)
    client.connect_ex((FAKE[family], peer.local))
    return peer, client
