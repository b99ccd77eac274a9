#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Records what connection tracking tells of connections in a namespace of its own, and what conntrack(8) makes of it.
# Needs root, nftables and conntrack.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../conntrack"

name=skoop-capture-$$
work=$(mktemp -d)
ip netns add "$name"
trap 'ip netns del "$name"; rm -r "$work"' EXIT
inside() { ip netns exec "$name" "$@"; }

inside ip link set lo up
inside sysctl -q net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_timestamp=1
inside nft -f - << 'RULES'
table inet capture {
    ct helper ftp { type "ftp" protocol tcp; }
    chain raw {
        type filter hook output priority -300;
        udp dport 5400 ct zone set 7
    }
    chain nat {
        type nat hook output priority -100;
        meta nfproto ipv4 udp dport 5300 dnat ip to 127.0.0.2:5301
        meta nfproto ipv6 tcp dport 8000 redirect to :8080
    }
    chain out {
        type filter hook output priority 0;
        ct state new tcp dport 21 ct helper set "ftp"
        udp dport 5400 ct mark set 0x12345678
    }
    chain source {
        type nat hook postrouting priority 100;
        ip daddr 127.0.0.9 snat to 127.0.0.8
    }
}
RULES

cat > "$work/record.py" << 'PYTHON'
import os, signal, socket, sys
groups = 0b101111
listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
listener.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)
listener.bind((0, groups))
output = open(sys.argv[1], "wb")
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
open(sys.argv[1] + ".ready", "w").close()
while True:
    message = listener.recv(65536)
    output.write(message + bytes(-len(message) % 4))
    output.flush()
PYTHON
ip netns exec "$name" conntrack -E -b 4194304 -o extended,id,ktimestamp > "$work/events.txt" 2> "$work/errors" &
witness=$!
ip netns exec "$name" conntrack -E expect > "$work/expect.txt" 2>> "$work/errors" &
expectations=$!
ip netns exec "$name" python3 "$work/record.py" "$work/events.bin" &
recorder=$!
while [ ! -e "$work/events.bin.ready" ]; do sleep 0.1; done
sleep 1

inside python3 - << 'PYTHON'
import socket, time
def listen(family, host, port):
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, port))
    server.listen()
    return server
def converse(server, family, host, port, *texts):
    client = socket.socket(family, socket.SOCK_STREAM)
    client.connect((host, port))
    peer, _ = server.accept()
    for text in texts:
        client.sendall(text)
        assert peer.recv(100) == text
        peer.sendall(b"200 ok\r\n")
        client.recv(100)
    client.close()
    peer.close()
def send(family, source, host, port, text=b"x"):
    sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.bind((source, 0))
    sender.sendto(text, (host, port))
converse(listen(socket.AF_INET, "127.0.0.1", 80), socket.AF_INET, "127.0.0.1", 80, b"hello")
converse(listen(socket.AF_INET6, "::1", 8080), socket.AF_INET6, "::1", 8000, b"hello")
converse(listen(socket.AF_INET, "127.0.0.1", 21), socket.AF_INET, "127.0.0.1", 21,
         b"USER me\r\n", b"PORT 127,0,0,1,200,10\r\n")
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.2", 5301))
send(socket.AF_INET, "127.0.0.1", "127.0.0.1", 5300)
receiver.sendto(b"answer", receiver.recvfrom(100)[1])
send(socket.AF_INET, "127.0.0.1", "127.0.0.9", 5302)
send(socket.AF_INET, "127.0.0.1", "127.0.0.1", 5400)
send(socket.AF_INET6, "::1", "::1", 5303)
gre = socket.socket(socket.AF_INET, socket.SOCK_RAW, 99)
gre.sendto(b"x" * 20, ("127.0.0.1", 0))
PYTHON
inside ping -q -c 1 127.0.0.1 > /dev/null
inside ping -q -c 1 ::1 > /dev/null
# Let everything be destroyed: what tracking is asked to forget it tells of too.
inside conntrack -D > /dev/null 2>&1 || true
inside conntrack -D -f ipv6 > /dev/null 2>&1 || true
inside conntrack -F expect > /dev/null 2>&1 || true
inside conntrack -F > /dev/null 2>&1 || true
sleep 1
kill "$witness" "$expectations" "$recorder"
wait || true
cp "$work/events.bin" "$work/events.txt" "$work/expect.txt" .
{ uname -sr | cut -d- -f1; conntrack -V; } > system.txt
