#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Captures what a kernel with soft-RoCE (rdma_rxe) shows of its RDMA devices into
# ../rdma/rxe: the sysfs tree, raw RDMA netlink replies and, as a witness of both,
# what iproute2's rdma prints.
# Usage (root, Debian 12): capture-rdma.sh [WORKDIR]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

setup_workdir "${1:-}"
install_packages qemu-system-x86 busybox-static cpio kmod iproute2 gcc libc6-dev linux-libc-dev \
    ibverbs-providers ibverbs-utils rdmacm-utils perftest
# The cloud flavour has no rdma_rxe.
fetch_kernel linux-image-amd64
init_rootfs
# crc32_generic: rdma_rxe asks for the algorithm by name, which no dependency shows.
add_modules dummy crc32_generic rdma_rxe ib_uverbs rdma_ucm
add_binaries ip rdma rping ibv_srq_pingpong ib_send_bw

# libibverbs finds its userspace driver by this file and loads it at run time.
provider=$(echo /usr/lib/*/libibverbs/librxe-*.so)
mkdir -p "$ROOT/etc/libibverbs.d" "$ROOT${provider%/*}"
cp /etc/libibverbs.d/rxe.driver "$ROOT/etc/libibverbs.d/"
cp "$provider" "$ROOT$provider"
add_libraries_of "$provider"

gcc -static -O2 -Wall -Wextra -o "$ROOT/bin/nldump" "$(dirname "${BASH_SOURCE[0]}")/nldump.c"

cat > "$WORK/guest.sh" <<'GUEST'
# Two soft-RoCE devices: rxe0 gets all the traffic, rxe1 stays idle. The MAC
# addresses are those for documentation; the GUIDs derive from them.
ip link set lo up
for n in 0 1; do
    ip link add "eth$n" address "00:00:5e:00:53:0$n" type dummy
    ip addr add "192.0.2.$((n * 128 + 1))/25" dev "eth$n"
    ip link set "eth$n" up
    rdma link add "rxe$n" type rxe netdev "eth$n"
done
sleep 2

# A sender with 128 messages in flight against 8 receive buffers, and a receiver
# that pauses now and then: raises the receiver-not-ready counters. GID 1 is the
# IPv4 address.
ib_send_bw -d rxe0 -x 1 -s 512 -r 8 -n 100000 > /tmp/send_bw-server.log 2>&1 &
server=$!
sleep 2
timeout 60 ib_send_bw -d rxe0 -x 1 -s 512 -n 100000 127.0.0.1 > /tmp/send_bw-client.log 2>&1 &
client=$!
for _ in 1 2 3 4 5 6; do
    sleep 0.4
    kill -STOP "$server" || break # it has finished already
    sleep 0.2
    kill -CONT "$server"
done
wait "$client" || { tail -n 5 /tmp/send_bw-*.log; exit 1; }
wait "$server"

# Two pairs that go on for ever, so that there are resources of every kind: one
# with a connection manager, one with shared receive queues.
rping -s -a 192.0.2.1 > /dev/null 2>&1 &
ibv_srq_pingpong -d rxe0 -g 1 -q 3 -n 100000000 > /dev/null 2>&1 &
sleep 2
rping -c -a 192.0.2.1 > /dev/null 2>&1 &
ibv_srq_pingpong -d rxe0 -g 1 -q 3 -n 100000000 127.0.0.1 > /dev/null 2>&1 &
sleep 5

# Stopped rather than ended: their resources stay, and no counter moves between
# one file of the capture and the next.
for name in rping ibv_srq_pingpong; do
    [ "$(pidof "$name" | wc -w)" -eq 2 ] || { echo "$name: not running"; exit 1; }
    # shellcheck disable=SC2046 # one word per process
    kill -STOP $(pidof "$name")
done
sleep 2

# Only plain text: no address tables (hundreds of empty entries), no power management.
for device in /sys/class/infiniband/*; do
    find "$device/" -type f | grep -vE '/(gids|gid_attrs|power)/' | while read -r file; do
        mkdir -p "/out${file%/*}"
        cat "$file" > "/out$file" 2> /dev/null || rm "/out$file"
    done
done

mkdir /out/netlink /out/witness
# Numbers of RDMA_NLDEV_CMD_GET, _RES_GET, _PORT_GET, _STAT_GET, _RES_QP_GET.
nldump dump 1 > /out/netlink/get.bin
nldump dump 9 > /out/netlink/res_get.bin
nldump dump 5 0 > /out/netlink/port_get.bin
nldump do 17 0 1 > /out/netlink/stat_get.bin
nldump dump 10 0 > /out/netlink/res_qp_get.bin

witness() { # file name without suffix, then what rdma is to show
    name=$1
    shift
    rdma -j -p "$@" > "/out/witness/$name.json"
}
witness dev -d dev show
witness link -d link show
witness resource resource show
witness resource-qp resource show qp
witness resource-cm_id resource show cm_id
witness statistic statistic show
GUEST

boot_guest "$WORK/guest.sh" "$WORK/out"

rxe=$FIXTURES/rdma/rxe
rm -rf "$rxe"/{sys,netlink,witness}
mkdir -p "$rxe"
cp -r "$WORK/out"/{sys,netlink,witness} "$rxe/"
write_system "$rxe/system.txt" "$WORK/out" iproute2 ibverbs-providers ibverbs-utils rdmacm-utils perftest
