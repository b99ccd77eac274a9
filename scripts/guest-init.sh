#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first process of a guest, on the machine's own file system: sets up what a booted system has, runs the script
# that it was given, and leaves what that put into /out on the first disk. See guest.sh.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb LC_ALL=C.UTF-8

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tracefs tracefs /sys/kernel/tracing
mkdir -p /dev/pts /dev/shm /out
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm

# The kernel loads modules by itself where it finds them; devices would need udev for that.
modules=$(cat /run/guest/modules-directory)
mkdir -p /lib/modules/"${modules##*/}"
mount --bind "$modules" /lib/modules/"${modules##*/}"
# Some kernels have them built in.
modprobe -a virtio_console virtio_net 2> /dev/null
mount -t ext4 /dev/vdb /var/tmp
chmod 1777 /var/tmp
ip link set lo up
# Old kernels refuse a device that is made in another namespace under a name that is taken in this one.
for card in eth0 eth1 eth2; do ip link set "$card" name "card${card#eth}"; done

port=(/dev/vport*p1)
exec > "${port[0]}" 2>&1 < /dev/null
bash /run/guest/guest-script.sh
echo $? > /out/status
tar -C /out -cf /dev/vda .
sync
exec reboot -f
