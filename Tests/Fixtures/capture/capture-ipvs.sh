#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Captures /proc/net/ip_vs* of a director with real traffic into ../ipvs:
#   idle/   services configured, nothing sent yet
#   .       after the first round of requests
#   later/  after a second round, on the same running kernel
# Usage (root, Debian 12): capture-ipvs.sh [WORKDIR]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

setup_workdir "${1:-}"
install_packages qemu-system-x86 busybox-static cpio kmod iproute2 ipvsadm
fetch_kernel linux-image-cloud-amd64
init_rootfs
add_modules veth ip_vs ip_vs_rr ip_vs_wrr
add_binaries ip ipvsadm

cat > "$WORK/guest.sh" <<'GUEST'
# The guest's root network namespace is the director; the client and the two
# real servers are namespaces behind one veth pair each:
#
#   client 198.51.100.2 --- director (VIP 192.0.2.10) --- rs1 203.0.113.2
#                                                    \--- rs2 203.0.113.6
#
# NAT forwarding (-m): answers pass the director too, so the outgoing totals move.
attach() { # namespace, director address, namespace address, prefix length
    ip netns add "$1"
    ip link add "to-$1" type veth peer name eth0 netns "$1"
    ip addr add "$2/$4" dev "to-$1"
    ip link set "to-$1" up
    ip -n "$1" link set lo up
    ip -n "$1" addr add "$3/$4" dev eth0
    ip -n "$1" link set eth0 up
    ip -n "$1" route add default via "$2"
}
# busybox's nsenter: no second mount namespace as with "ip netns exec".
inside() { ns=$1; shift; nsenter --net="/run/netns/$ns" "$@"; }

echo 1 > /proc/sys/net/ipv4/ip_forward
attach client 198.51.100.1 198.51.100.2 24
attach rs1 203.0.113.1 203.0.113.2 30
attach rs2 203.0.113.5 203.0.113.6 30
ip addr add 192.0.2.10/32 dev lo

# Besides the one that gets the traffic: a second scheduler, a UDP service, a
# virtual service without any real server, and one selected by firewall mark.
ipvsadm -A -t 192.0.2.10:80 -s rr
ipvsadm -a -t 192.0.2.10:80 -r 203.0.113.2:8080 -m -w 1
ipvsadm -a -t 192.0.2.10:80 -r 203.0.113.6:8080 -m -w 3
ipvsadm -A -u 192.0.2.10:53 -s wrr
ipvsadm -a -u 192.0.2.10:53 -r 203.0.113.2:5353 -m -w 10
ipvsadm -A -t 192.0.2.10:443 -s rr -p 300
ipvsadm -A -f 17 -s wrr
ipvsadm -a -f 17 -r 203.0.113.6:0 -m -w 0

mkdir /tmp/www
dd if=/dev/urandom of=/tmp/www/body bs=1024 count=100 2>/dev/null
for server in rs1 rs2; do inside "$server" httpd -p 8080 -h /tmp/www; done

snapshot() { # directory under /out
    mkdir -p "/out/$1/proc/net" "/out/$1/witness"
    # ip_vs_stats is a sum the kernel renews every 2 s; ip_vs_stats_percpu is
    # live. After a pause with no traffic the two agree.
    sleep 5
    for file in ip_vs ip_vs_stats ip_vs_stats_percpu; do
        cat "/proc/net/$file" > "/out/$1/proc/net/$file"
    done
    ipvsadm -Ln > "/out/$1/witness/ipvsadm.txt"
    ipvsadm -Ln --stats --exact > "/out/$1/witness/ipvsadm-stats.txt"
}
requests() { # count
    i=0
    while [ "$i" -lt "$1" ]; do
        inside client wget -q -O /dev/null http://192.0.2.10/body
        i=$((i + 1))
    done
}

snapshot idle
requests 42
# One connection that stays open, to have an active one in the tables.
inside client sh -c 'sleep 600 | nc 192.0.2.10 80' &
snapshot now
requests 29
snapshot later
GUEST

boot_guest "$WORK/guest.sh" "$WORK/out"

ipvs=$FIXTURES/ipvs
rm -rf "$ipvs"/{proc,witness,idle,later}
mkdir -p "$ipvs"
cp -r "$WORK/out/now/." "$WORK/out/idle" "$WORK/out/later" "$ipvs/"
write_system "$ipvs/system.txt" "$WORK/out" ipvsadm iproute2 busybox-static
