# SPDX-License-Identifier: Apache-2.0
"""Holds TCP sockets in every state between the namespaces of traffic.py, IPv4 and IPv6.

Makes the file that its third argument names once they are there, and keeps them until it is killed.
"""
import socket
import sys
import time

from network import (A, B, BLOCKED, FAMILIES, OF_B, V4, V6, info, listen, make_wires, pair, raw_accept,
                     silence)
from wire import ACK, FIN, Peer, until

ESTABLISHED, SYN_SENT, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING = 1, 2, 4, 5, 8, 9, 11
held = []


def state(sock, wanted):
    until(lambda: info(sock)[0] == wanted, f"state {wanted}, is {info(sock)[0]}")


def hold(family, wire):
    # ESTABLISHED, with what was not read and what could not be sent
    client, server = pair(family)
    client.setblocking(False)
    try:
        while True:
            client.send(b"x" * 65536)
    except BlockingIOError:
        held.extend((client, server))
    # LISTEN, with connections that wait to be accepted
    for waiting in (2, 3):
        listener = listen(family, backlog=5 + waiting)
        held.append(listener)
        for _ in range(waiting):
            client = A.socket(family)
            client.connect(listener.getsockname()[:2])
            held.append(client)
    # SYN_SENT
    client = A.socket(family)
    client.setblocking(False)
    client.connect_ex((OF_B[family], BLOCKED))
    state(client, SYN_SENT)
    held.append(client)
    # SYN_RECV
    held.append(Peer(wire, listener.getsockname()[1]).connect(finish=False))
    # FIN_WAIT2 and CLOSE_WAIT, one with unread data
    for data in (b"", b"unread"):
        client, server = pair(family)
        if data:
            client.send(data)
        client.shutdown(socket.SHUT_WR)
        state(client, FIN_WAIT2)
        state(server, CLOSE_WAIT)
        held.extend((client, server))
    # FIN_WAIT2 of a closed socket, which the kernel keeps in a smaller form
    for _ in range(3):
        peer, client = raw_accept(wire, family)
        peer.answer()
        state(client, ESTABLISHED)
        client.shutdown(socket.SHUT_WR)
        peer.ack = peer.receive(FIN).seq + 1
        peer.send(ACK)
        state(client, FIN_WAIT2)
        client.close()
    # TIME_WAIT
    for _ in range(4):
        client, server = pair(family)
        client.close()
        state(server, CLOSE_WAIT)
        server.close()
    # FIN_WAIT1 and LAST_ACK: the last segment is not heard
    client, server = pair(family)
    silence(B, "deaf", client)
    client.shutdown(socket.SHUT_WR)
    state(client, FIN_WAIT1)
    held.extend((client, server))
    client, server = pair(family)
    server.shutdown(socket.SHUT_WR)
    state(client, CLOSE_WAIT)
    silence(B, "deaf", client)
    client.shutdown(socket.SHUT_WR)
    state(client, LAST_ACK)
    held.extend((client, server))
    # CLOSING: both sides end at once
    peer, client = raw_accept(wire, family)
    peer.answer()
    state(client, ESTABLISHED)
    client.shutdown(socket.SHUT_WR)
    peer.send(FIN | ACK)
    state(client, CLOSING)
    held.append(client)


def hold_mapped():
    """IPv4 connections of IPv6 sockets."""
    listener = B.socket(V6)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", 0))
    listener.listen(3)
    for _ in range(2):
        client = A.socket(V6)
        client.connect(("::ffff:" + OF_B[V4], listener.getsockname()[1]))
        held.append(client)
    server = listener.accept()[0]
    client.send(b"unread by a mapped address")
    held.extend((listener, server))


def main():
    for ns in (A, B):
        ns.set_option(1_000_000, "ipv4/tcp_rto_min_us")  # retransmissions seldom disturb the quiet
    wires = make_wires()
    for family in FAMILIES:
        hold(family, wires[family])
    hold_mapped()
    open(sys.argv[3], "w").close()
    time.sleep(1000)


main()
