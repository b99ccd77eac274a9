#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A virtual network card that is slow to obey, as on a busy hypervisor: guest-card.py SOCKET

The other end of QEMU's vhost-user: it agrees to everything and moves no packet. For every pair of queues that the guest
wants, beyond the first, it lets QEMU wait for its answer, and with it the guest's command: "ethtool -L card2 combined N"
takes (N - 1) x 50 ms there. Ends when QEMU does. Protocol: docs/interop/vhost-user.rst of QEMU.
"""
import array
import os
import socket
import struct
import sys
import time

PAIRS = 8
DELAY = 0.05

GET_FEATURES, GET_VRING_BASE, GET_PROTOCOL_FEATURES, GET_QUEUE_NUM, SET_VRING_ENABLE = 1, 11, 15, 17, 18
# VIRTIO_NET_F_MQ, VHOST_USER_F_PROTOCOL_FEATURES, VIRTIO_F_VERSION_1
FEATURES = 1 << 22 | 1 << 30 | 1 << 32
# VHOST_USER_PROTOCOL_F_MQ, VHOST_USER_PROTOCOL_F_REPLY_ACK
PROTOCOL_FEATURES = 1 << 0 | 1 << 3
VERSION, REPLY, NEED_REPLY = 1, 1 << 2, 1 << 3


def answer(request, payload):
    """What the request asks for; None where it asks for nothing."""
    if request == GET_FEATURES:
        return struct.pack("=Q", FEATURES)
    if request == GET_PROTOCOL_FEATURES:
        return struct.pack("=Q", PROTOCOL_FEATURES)
    if request == GET_QUEUE_NUM:
        return struct.pack("=Q", PAIRS)
    if request == GET_VRING_BASE:
        return struct.pack("=II", struct.unpack("=II", payload)[0], 0)
    if request == SET_VRING_ENABLE:
        index, enable = struct.unpack("=II", payload)
        # Queues for receiving have the even numbers.
        if enable and index > 0 and index % 2 == 0:
            time.sleep(DELAY)
    return None


def receive(connection, size):
    """So many bytes; the files that come with them are not needed. None at the end."""
    data = b""
    while len(data) < size:
        part, ancillary, _, _ = connection.recvmsg(size - len(data), socket.CMSG_SPACE(8 * 4))
        for _, _, content in ancillary:
            files = array.array("i")
            files.frombytes(content[: len(content) - len(content) % files.itemsize])
            for file in files:
                os.close(file)
        if not part:
            return None
        data += part
    return data


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(1)
    connection, _ = listener.accept()
    while header := receive(connection, 12):
        request, flags, size = struct.unpack("=III", header)
        payload = receive(connection, size) if size else b""
        if payload is None:
            return
        reply = answer(request, payload)
        if reply is None and flags & NEED_REPLY:
            reply = struct.pack("=Q", 0)
        if reply is not None:
            connection.sendall(struct.pack("=III", request, VERSION | REPLY, len(reply)) + reply)


main()
