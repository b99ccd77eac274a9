# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Boots Debian's kernels in QEMU, emulated, so without KVM. Sourced by scripts that run as root on Debian 12.
#
# The guest sees this machine's whole file system, read-only below a layer in memory: what runs here runs there, and
# what it writes is gone with it. Besides: two virtio network cards, card0 and card1, cabled to each other; a third one,
# card2, whose hypervisor is slow to obey (see guest-card.py); an ext4 disk at /var/tmp; and all modules of its kernel,
# loaded as they are needed.
#
#   guest_prepare SERIES...            installs what is missing, fetches kernels; 77 where the mirror cannot be reached
#   guest_release SERIES               prints the kernel's full version, as of Debian's changelog
#   guest_boot SERIES SCRIPT OUT       runs the script in the guest; OUT has log, console and what it left in /out
#
# SERIES is the start of a version, and a Debian flavour where it is not that for clouds: 5.10, 6.1-amd64.

guest_packages=(qemu-system-x86 busybox-static cpio kmod e2fsprogs iproute2 python3)
guest_cache=${SKOOP_CACHE:-$HOME/.cache/skoop}/kernels
# Far longer than any guest should need, also on a machine that does other things as well.
guest_timeout=${SKOOP_GUEST_TIMEOUT:-1500}
guest_scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Debian's kernels of every age, and what runs them. Once per run, and only where something has to be fetched.
guest_apt() {
    [ -z "${guest_lists_are_new:-}" ] || return 0
    private_apt "$guest_cache/apt" "deb bullseye-security" "deb bookworm-security" "deb trixie-security" \
        "deb trixie-backports" "deb bookworm-backports" || return
    guest_lists_are_new=1
}

# Fetches packages and unpacks them into a directory of the cache, never installing them.
guest_unpack() { # directory, [-t SUITE], package...
    local target=$1 work
    shift
    work=$(mktemp -d "$guest_cache/fetch.XXXXXX")
    (cd "$work" && apt-get download -qq "$@") || {
        rm -rf "$work"
        return 77
    }
    mkdir "$work/root"
    local deb
    for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
    rm -rf "$target"
    mv "$work/root" "$target"
    rm -rf "$work"
}

guest_flavour() { case $1 in *-*) echo "${1#*-}" ;; *) echo cloud-amd64 ;; esac; }
guest_directory() { echo "$guest_cache/${1%%-*}-$(guest_flavour "$1")"; }
guest_release() { cat "$(guest_directory "$1")/version"; }

# The newest kernel of a series; in new packaging the image only names the packages that hold it.
guest_fetch_kernel() { # SERIES
    local directory image packages flavour
    directory=$(guest_directory "$1")
    flavour=$(guest_flavour "$1")
    [ ! -f "$directory/version" ] || return 0
    guest_apt || return
    image=$(apt-cache search --names-only "^linux-image-${1%%-*}\.[^ -]*(-[0-9]+)?-$flavour\$" | awk '{ print $1 }' |
        sort -V | tail -n 1)
    [ -n "$image" ] || {
        echo "Debian has no kernel $1 any more"
        return 1
    }
    packages=$(apt-cache depends "$image" | awk '$2 ~ /^linux-(binary|modules)-/ { print $2 }')
    # shellcheck disable=SC2086 # one word per package
    guest_unpack "$directory" ${packages:-$image} || return
    local release modules
    modules=$(find "$directory" -type d -path '*/lib/modules/*' -prune)
    release=${modules##*/}
    # It misses lists that new packages do not have.
    depmod -b "${modules%/lib/modules/*}" "$release" 2> /dev/null
    ln -s "$modules" "$directory/modules"
    ln -s "$(find "$directory" -type f -name 'vmlinuz*')" "$directory/vmlinuz"
    apt-cache show --no-all-versions "$image" | awk '/^Version:/ { sub(/-.*/, "", $2); print $2 }' > "$directory/version"
}

# In the emulator of Debian 12's QEMU 7.2, kernels from 6.12 on crash at random; and it does not wait for the answers of
# card2. Its virtiofsd and libraries are still used.
guest_qemu=$guest_cache/qemu/usr

guest_prepare() { # SERIES...
    local series status=0
    [ "$(uname -m)" = x86_64 ] || {
        echo "the guests are of x86-64, this machine is $(uname -m)"
        return 77
    }
    require_packages "${guest_packages[@]}"
    mkdir -p "$guest_cache"
    exec {guest_lock}> "$guest_cache/lock"
    flock "$guest_lock"
    for series in "$@"; do
        guest_fetch_kernel "$series" || { status=$? && break; }
    done
    if [ "$status" = 0 ] && [ ! -d "$guest_qemu" ]; then
        { guest_apt && guest_unpack "$guest_cache/qemu" -t bookworm-backports \
            qemu-system-x86 qemu-system-common qemu-system-data seabios; } || status=$?
    fi
    exec {guest_lock}>&-
    unset APT_CONFIG
    return "$status"
}

# What the kernel unpacks into memory: enough modules to mount the machine's file system, and then to leave.
guest_initramfs() { # kernel's directory, script, working directory
    local directory=$1 root=$3/tree modules release kind path rest module
    modules=$(readlink "$directory/modules")
    release=${modules##*/}
    mkdir -p "$root"/{bin,dev,host,layer,modules,new,proc}
    cp /bin/busybox "$root/bin/"
    cp "$guest_scripts/guest-init.sh" "$root/guest-init.sh"
    cp "$2" "$root/guest-script.sh"
    echo "$modules" > "$root/modules-directory"
    for module in virtio_pci virtio_blk virtiofs overlay; do
        # What is no module of this kernel is built in.
        modprobe -d "${modules%/lib/modules/*}" -S "$release" --show-depends "$module" > "$3/depends" 2> /dev/null || true
        while read -r kind path rest; do
            [ "$kind" = insmod ] || continue
            echo "${path##*/}" >> "$root/modules/order"
            case $path in
                *.xz) xz -dc "$path" > "$root/modules/${path##*/}" ;;
                *) cp "$path" "$root/modules/" ;;
            esac
        done < "$3/depends"
    done
    cat > "$root/init" << 'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
# Modules that several need are in the list several times.
while read -r module; do insmod "/modules/$module" 2> /dev/null; done < /modules/order
mount -t virtiofs -o ro host /host && mount -t tmpfs layer /layer && mkdir /layer/new /layer/work &&
    mount -t overlay -o lowerdir=/host,upperdir=/layer/new,workdir=/layer/work root /new &&
    mount -t tmpfs run /new/run || { echo "the machine's file system cannot be mounted"; reboot -f; }
mkdir /new/run/guest
cp /guest-init.sh /guest-script.sh /modules-directory /new/run/guest/
umount /proc
mount --move /dev /new/dev
exec switch_root /new /bin/bash /run/guest/guest-init.sh
INIT
    chmod +x "$root/init"
    # Not compressed: unpacking would take the emulated processor longer than copying.
    (cd "$root" && find . | cpio -o -H newc --quiet) > "$3/initramfs"
    rm -rf "$root"
}

guest_boot() { # SERIES, script, directory for results
    local directory work status=0
    directory=$(guest_directory "$1")
    work=$(mktemp -d)
    rm -rf "$3"
    mkdir -p "$3"
    guest_initramfs "$directory" "$2" "$work"
    truncate -s 64M "$work/out.img"
    truncate -s 256M "$work/scratch.img"
    mke2fs -q -F -t ext4 "$work/scratch.img"
    /usr/lib/qemu/virtiofsd --socket-path="$work/host" -o source=/ -o sandbox=chroot -o cache=always \
        > "$work/virtiofsd.log" 2>&1 &
    local server=$!
    "$guest_scripts/guest-card.py" "$work/card" > "$work/card.log" 2>&1 &
    local card=$!
    until [ -S "$work/host" ] && [ -S "$work/card" ]; do
        kill -0 "$server" "$card" 2> /dev/null || {
            kill "$server" "$card" 2> /dev/null
            cat "$work"/*.log
            return 1
        }
        sleep 0.05
    done
    # -no-reboot makes the guest's reboot end QEMU, and panic=-1 makes a panic a reboot. The log has a port of its own,
    # because the emulated serial line loses bytes under load.
    timeout "$guest_timeout" "$guest_qemu/bin/qemu-system-x86_64" -L "$guest_qemu/share/qemu" \
        -L "$guest_qemu/share/seabios" -machine q35,accel=tcg,memory-backend=memory -smp 2 -m 1024 \
        -object memory-backend-memfd,id=memory,size=1024M,share=on \
        -kernel "$directory/vmlinuz" -initrd "$work/initramfs" \
        -append "console=ttyS0 panic=-1 quiet mitigations=off" \
        -nodefaults -display none -no-reboot -serial "file:$3/console" \
        -chardev "socket,id=host,path=$work/host" -device vhost-user-fs-pci,chardev=host,tag=host \
        -device virtio-serial-pci -chardev "file,id=log,path=$3/log" -device virtserialport,chardev=log \
        -drive "file=$work/out.img,format=raw,if=virtio" -drive "file=$work/scratch.img,format=raw,if=virtio" \
        -netdev hubport,id=left,hubid=0 -device virtio-net-pci,netdev=left,mac=00:00:5e:00:53:01 \
        -netdev hubport,id=right,hubid=0 -device virtio-net-pci,netdev=right,mac=00:00:5e:00:53:02 \
        -chardev "socket,id=card,path=$work/card" -netdev vhost-user,id=slow,chardev=card,queues=8 \
        -device virtio-net-pci,netdev=slow,mq=on,vectors=18,mac=00:00:5e:00:53:03 \
        < /dev/null > "$work/qemu.log" 2>&1 || status=$?
    # They end with QEMU, but not where it did not begin.
    kill "$server" "$card" 2> /dev/null || true
    wait "$server" "$card" || true
    tar -C "$3" --no-same-owner -xf "$work/out.img" 2> /dev/null || true
    [ "$status" != 124 ] || echo "the guest hung, it was ended after $guest_timeout s" >> "$3/console"
    cat "$work/qemu.log" "$work/card.log" >> "$3/console"
    rm -rf "$work"
    # Written last in the guest.
    [ -f "$3/status" ] || {
        echo "the guest did not come to its end; its console and its log last:"
        tail -n 20 "$3/console"
        tail -n 20 "$3/log" 2> /dev/null
        return 1
    }
    return "$(cat "$3/status")"
}
