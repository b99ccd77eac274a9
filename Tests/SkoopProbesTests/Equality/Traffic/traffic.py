# SPDX-License-Identifier: Apache-2.0
"""Makes the kernel count: traffic of every kind between two network namespaces, given by their mounts.

Every step names the counters it is for and waits until they have risen, so a kernel that counts otherwise ends the
script with the name of the counter. TRAFFIC_TIMES in the environment prints what each step took.
"""
import os
import socket
import sys
import time

import datagrams
import raw_tcp
import tcp
from network import A, B, FAMILIES, V4, connect_networks, make_wires, pair
from wire import until


def timed(step, *arguments):
    start = time.monotonic()
    step(*arguments)
    if os.environ.get("TRAFFIC_TIMES"):
        print(f"{time.monotonic() - start:6.3f} {step.__name__}", file=sys.stderr)


connect_networks()
wires = make_wires()
# What takes a second begins first.
before = B.counters()
datagrams.ip_lone_fragments(wires)
alive, _other = pair(V4)
alive.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL):
    alive.setsockopt(socket.IPPROTO_TCP, option, 1)

for family in FAMILIES:
    for step in (tcp.tcp_connections, tcp.tcp_resets, tcp.tcp_accept_queue, tcp.tcp_muted, tcp.tcp_loss,
                 tcp.tcp_mtu_probes, tcp.tcp_window_probe):
        timed(step, family)
    for step in (raw_tcp.raw_handshakes, raw_tcp.raw_old_answer, raw_tcp.raw_memory, raw_tcp.raw_backlog,
                 datagrams.udp_datagrams, datagrams.ip_packets, datagrams.icmp_messages):
        timed(step, wires[family], family)
timed(datagrams.icmp_rate_limit)
timed(tcp.tcp_user_timeout, V4)
for name in ("IpReasmTimeout", "Ip6ReasmTimeout", "IpReasmFails", "Ip6ReasmFails"):
    until(lambda: B.counters()[name] > before[name], name)
until(lambda: A.counters()["TcpExtTCPKeepAlive"] > 0, "TCPKeepAlive")
