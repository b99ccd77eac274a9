# SPDX-License-Identifier: Apache-2.0
"""TCP between the two hosts."""
import select
import socket
import threading

from network import A, B, BLOCKED, LOSSY, OF_B, SMALL, connect, info, linger, listen, pair, silence
from wire import until


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
    silence(B, "deaf", client)
    client.sendall(b"x" * 100)
    with A.raises("TcpExtTCPRetransFail", "TcpExtTCPTimeouts"):
        silence(A, "mute", client)
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
