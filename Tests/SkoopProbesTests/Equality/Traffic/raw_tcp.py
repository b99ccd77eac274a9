# SPDX-License-Identifier: Apache-2.0
"""TCP of B with a peer whose every segment is made by hand."""
import ctypes
import mmap
import os
import socket
import struct
import threading

from network import B, info, linger, listen, raw_accept
from wire import ACK, FIN, LIBC, RST, SYN, Peer, until


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
    B.raise_by("TcpExtTCPACKSkippedSynRecv", lambda: peer.send(ACK, seq=peer.seq + 500_000_000))
    peer.send(RST)
    peer = Peer(wire, port).connect()
    server = listener.accept()[0]
    with B.raises("TcpExtPAWSEstab"):
        B.raise_by("TcpExtTCPACKSkippedPAWS", lambda: peer.send(ACK, now=1))
    peer.send(RST)
    server.close()
    peer = Peer(wire, port).connect()
    server = listener.accept()[0]
    B.raise_by("TcpExtTCPACKSkippedSeq", lambda: peer.send(ACK, seq=peer.seq + 500_000_000))
    peer.send(RST)
    server.close()
    peer = Peer(wire, port).connect()
    server = listener.accept()[0]
    B.raise_by("TcpExtTCPACKSkippedChallenge", lambda: peer.send(SYN))
    # FIN_WAIT2, then TIME_WAIT, of the small socket that stays after close
    server.close()
    peer.ack = peer.receive(FIN).seq + 1
    peer.send(ACK)
    B.raise_by("TcpExtTCPACKSkippedFinWait2", lambda: peer.send(ACK, seq=peer.seq + 500_000_000))
    peer.send(FIN | ACK)
    peer.seq += 1
    B.raise_by("TcpExtTCPACKSkippedTimeWait", lambda: peer.send(ACK, seq=peer.seq + 500_000_000))
    listener.close()


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
    # What is out of the window is answered with the new one.
    peer.send(ACK, seq=start - 500_000_000)
    if os.path.exists("/proc/sys/net/ipv4/tcp_shrink_window"):
        B.raise_by("TcpExtTCPZeroWindowDrop", lambda: peer.send(ACK, b"x" * 500, seq=start))
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
