# SPDX-License-Identifier: Apache-2.0
"""Namespaces, counters and hand-made packets for traffic.py. Python's standard library only."""
import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
UDP, ICMP, TCP, ICMP6, UNKNOWN = 17, 1, 6, 58, 253


def until(condition, what, seconds=300):
    """Waits for what the kernel does in its own time; far longer than it can need."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"traffic.py: did not happen: {what}")
        time.sleep(0.002)


class Namespace:
    """A network namespace; `with namespace:` moves the calling thread into it and back."""

    def __init__(self, path):
        self.name = os.path.basename(path)
        self.file = open(path)
        self.stack = []

    def __enter__(self):
        before = open("/proc/thread-self/ns/net")
        self.stack.append(before)
        self.set(self.file)
        return self

    def __exit__(self, *_):
        with self.stack.pop() as before:
            self.set(before)

    @staticmethod
    def set(file):
        if LIBC.setns(file.fileno(), 0x40000000) != 0:  # CLONE_NEWNET
            raise OSError(ctypes.get_errno(), "setns")

    def run(self, *lines):
        """Runs ip commands, or nft ones where they begin so, in one process each kind."""
        for program, command in (("nft", ["nft", "-f", "-"]), ("ip", ["ip", "-batch", "-"])):
            text = "".join(line[len(program) + 1:] + "\n" for line in lines if line.startswith(program + " "))
            if text:
                with self:
                    subprocess.run(command, input=text, text=True, check=True)

    def set_option(self, value, *names):
        """Writes settings below /proc/sys/net; what the kernel does not have stays as it is."""
        with self:
            for name in filter(lambda name: os.path.exists("/proc/sys/net/" + name), names):
                with open("/proc/sys/net/" + name, "w") as file:
                    file.write(str(value))

    def socket(self, family, kind=socket.SOCK_STREAM, protocol=0):
        with self:
            return socket.socket(family, kind, protocol)

    def address(self, device):
        with self:
            out = subprocess.run(["ip", "-br", "link", "show", device], capture_output=True, text=True, check=True)
        return bytes.fromhex(out.stdout.split()[2].replace(":", ""))

    def counters(self):
        """What /proc shows, named as nstat names it."""
        found = {}
        with self:
            for name in ("snmp", "netstat"):
                with open("/proc/thread-self/net/" + name) as file:
                    lines = file.read().splitlines()
                for names, values in zip(lines[::2], lines[1::2]):
                    prefix, *fields = names.split()
                    found |= {prefix[:-1] + field: int(value) for field, value in zip(fields, values.split()[1:])}
            with open("/proc/thread-self/net/snmp6") as file:
                found |= {name: int(value) for name, value in map(str.split, file)}
        return found

    @contextlib.contextmanager
    def raises(self, *names):
        """The body must make these counters rise, as far as the kernel has them; waits until they have."""
        before = self.counters()
        yield
        for name in set(names) & set(before):
            until(lambda: self.counters()[name] > before[name], f"{name} in {self.name}")

    def raise_by(self, name, action):
        """Repeats what must make a counter rise; for limits by time, which a pause of this host could pass by."""
        before = self.counters()[name]

        def has_risen():
            action()
            return self.counters()[name] > before

        until(has_risen, f"{name} in {self.name}")


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Wire:
    """Packets of a host that does not exist, put on a device of one namespace, towards a host in another."""

    def __init__(self, namespace, device, hardware, family, source, target):
        with namespace:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self.socket.bind((device, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.hardware = hardware  # of the target, then of the source
        self.family, self.source, self.target = family, source, target
        self.is6 = family == socket.AF_INET6

    def packet(self, protocol, body, source=None, target=None, ttl=64, total=None, identity=0, fragment=0, tos=0):
        source = socket.inet_pton(self.family, source or self.source)
        target = socket.inet_pton(self.family, target or self.target)
        if self.is6:
            return struct.pack("!IHBB", 0x60000000 | tos << 20, len(body) if total is None else total, protocol,
                               ttl) + source + target + body
        header = struct.pack("!BBHHHBBH", 0x45, tos, 20 + len(body) if total is None else total, identity, fragment,
                             ttl, protocol, 0) + source + target
        return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body

    def send(self, protocol, body, place=None, wrong=False, **header):
        """Sends a packet; the transport checksum goes to the offset `place`."""
        if place is not None:
            source = socket.inet_pton(self.family, header.get("source") or self.source)
            target = socket.inet_pton(self.family, header.get("target") or self.target)
            pseudo = source + target + struct.pack("!II", len(body), protocol)
            if protocol == ICMP:
                pseudo = b""
            value = checksum(pseudo + body) ^ (0x5555 if wrong else 0)
            body = body[:place] + struct.pack("!H", value) + body[place + 2:]
        self.raw(self.packet(protocol, body, **header))

    def raw(self, packet):
        self.socket.send(self.hardware + struct.pack("!H", 0x86DD if self.is6 else 0x0800) + packet)

    def udp(self, port, data=b"data", wrong=False, **header):
        self.send(UDP, struct.pack("!HHHH", 5000, port, 8 + len(data), 0) + data, place=6, wrong=wrong, **header)

    def icmp(self, kind, data=b"\0" * 32, wrong=False, **header):
        protocol = ICMP6 if self.is6 else ICMP
        self.send(protocol, struct.pack("!BBH", kind, 0, 0) + data, place=2, wrong=wrong, **header)


class Segment:
    """A TCP segment that came over the wire."""

    def __init__(self, data):
        self.source, self.target, self.seq, self.ack, offset, self.flags, self.window = struct.unpack(
            "!HHIIBBH", data[:16])
        start = (offset >> 4) * 4
        self.data = data[start:]
        self.stamp = None
        options = data[20:start]
        while options and options[0]:
            size = 1 if options[0] == 1 else options[1]
            if options[0] == 8:
                self.stamp = struct.unpack("!I", options[2:6])[0]
            options = options[size:]


class Peer:
    """One end of a TCP connection, every segment of it made by hand."""
    ports = iter(range(21000, 30000))

    def __init__(self, wire, remote=0, local=None, stamps=True):
        self.wire, self.remote, self.stamps = wire, remote, stamps
        self.local = local or next(self.ports)
        self.seq, self.ack, self.now, self.echo = 1000, 0, 1 << 30, 0
        self.last = None

    def send(self, flags, data=b"", seq=None, ack=None, window=60000, now=None, echo=None, extra=b"", wrong=False):
        options = extra
        if self.stamps:
            options += struct.pack("!BBBBII", 1, 1, 8, 10, self.now if now is None else now,
                                   self.echo if echo is None else echo)
        options += b"\1" * (-len(options) % 4)
        header = struct.pack("!HHIIBBHHH", self.local, self.remote, (self.seq if seq is None else seq) & 0xFFFFFFFF,
                             (self.ack if ack is None else ack) & 0xFFFFFFFF, (20 + len(options)) << 2, flags, window,
                             0, 0)
        self.wire.send(TCP, header + options + data, place=16, wrong=wrong)
        self.now += 1

    def receive(self, flags, length=0):
        """The next segment with these flags and at least so much data."""
        self.wire.socket.settimeout(300)
        while True:
            frame, (_, _, kind, *_) = self.wire.socket.recvfrom(70000)
            protocol = frame[20] if self.wire.is6 else frame[23]
            if kind == socket.PACKET_OUTGOING or frame[12:14] != (b"\x86\xdd" if self.wire.is6 else b"\x08\x00"):
                continue
            if protocol != TCP:
                continue
            segment = Segment(frame[54:] if self.wire.is6 else frame[14 + (frame[14] & 15) * 4:])
            if segment.target != self.local or self.remote not in (0, segment.source):
                continue
            if segment.flags & flags == flags and len(segment.data) >= length:
                self.last, self.remote = segment, segment.source
                self.echo = segment.stamp or 0
                return segment

    # maximum segment size 1000, selective acknowledgements, windows not scaled here but perhaps there
    opening = struct.pack("!BBHBBBBB", 2, 4, 1000, 4, 2, 3, 3, 0)

    def connect(self, finish=True):
        self.send(SYN, extra=self.opening)
        self.seq += 1
        self.ack = self.receive(SYN | ACK).seq + 1
        if finish:
            self.send(ACK)
        return self

    def answer(self, window=60000):
        """Takes the connection that the other side opens."""
        self.ack = self.receive(SYN).seq + 1
        self.send(SYN | ACK, extra=self.opening, window=window)
        self.seq += 1
        return self
