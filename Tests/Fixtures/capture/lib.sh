# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Shared by the capture scripts: boot a Debian kernel in QEMU with a small
# initramfs, run one script in it, and bring back what that script left in /out.
#
# Source it (FIXTURES is then the directory of all fixtures), and call in order:
#   setup_workdir "${1:-}"      work directory given by the caller, or a temporary one
#   install_packages PKG...     from Debian, only those that are missing
#   fetch_kernel FLAVOUR        e.g. linux-image-amd64; sets KERNEL_VERSION, KERNEL_PACKAGE
#   init_rootfs                 busybox and the empty directories
#   add_modules MODULE...       with their dependencies
#   add_binaries COMMAND...     with their shared libraries
#   boot_guest SCRIPT OUTDIR    the script runs as root in the guest
#   write_system FILE OUTDIR PACKAGE...
#
# Works as root on Debian 12 without KVM: the guest is emulated (TCG).

# shellcheck disable=SC2034 # used by the scripts that source this
FIXTURES=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

setup_workdir() {
    if [ -n "$1" ]; then
        mkdir -p "$1"
        WORK=$(cd "$1" && pwd)
    else
        WORK=$(mktemp -d)
        trap 'rm -rf "$WORK"' EXIT
    fi
    ROOT=$WORK/rootfs
}

install_packages() {
    local package missing=()
    apt-get update -qq # fetch_kernel needs the current lists too
    for package in "$@"; do
        # -W alone also succeeds for a package that was removed but not purged.
        [ "$(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# The meta package names the current kernel. Its package is unpacked, never
# installed, so the machine's own boot setup stays as it is.
fetch_kernel() {
    KERNEL_PACKAGE=$(apt-cache depends "$1" | awk '/Depends: linux-image-/ { print $2; exit }')
    KERNEL_VERSION=${KERNEL_PACKAGE#linux-image-}
    mkdir -p "$WORK/kernel"
    (cd "$WORK/kernel" && apt-get download -qq -o APT::Sandbox::User=root "$KERNEL_PACKAGE")
    dpkg-deb -x "$WORK/kernel/$KERNEL_PACKAGE"_*.deb "$WORK/kernel/root"
    depmod -b "$WORK/kernel/root" "$KERNEL_VERSION"
}

init_rootfs() {
    rm -rf "$ROOT"
    mkdir -p "$ROOT"/{bin,dev,etc,lib64,modules,out,proc,root,run,sbin,sys,tmp,usr,var}
    ln -s ../run "$ROOT/var/run"
    cp /bin/busybox "$ROOT/bin/busybox"
    : > "$ROOT/modules/order"
    # Debian's busybox sh runs its own applet "ip" whatever PATH says.
    add_binaries dash
}

# Copies each module and lists it after the ones it needs, so that the guest
# can load the list from top to bottom with insmod.
add_modules() {
    local module kind path rest
    for module in "$@"; do
        # Written to a file first: a failure inside <(...) would go unnoticed.
        modprobe -d "$WORK/kernel/root" -S "$KERNEL_VERSION" --show-depends "$module" > "$WORK/depends"
        while read -r kind path rest; do
            [ "$kind" = insmod ] || continue
            cp "$path" "$ROOT/modules/"
            grep -qxF "${path##*/}" "$ROOT/modules/order" || echo "${path##*/}" >> "$ROOT/modules/order"
        done < "$WORK/depends"
    done
}

add_binaries() {
    local name path
    for name in "$@"; do
        path=$(command -v "$name")
        cp -L "$path" "$ROOT/bin/"
        add_libraries_of "$path"
    done
}

add_libraries_of() {
    local library
    for library in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*'); do
        mkdir -p "$ROOT$(dirname "$library")"
        cp -Lu "$library" "$ROOT$library"
    done
}

# The guest writes its result as a tar straight onto a small virtio disk: the
# emulated serial port loses bytes under load, so it only carries the console
# ($WORK/console.log).
boot_guest() {
    local script=$1 out=$2 disk=$WORK/result.img
    add_modules virtio_pci virtio_blk
    cp "$script" "$ROOT/capture.sh"
    cat > "$ROOT/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
# Accelerated variants of a crypto module fail to load where the CPU lacks them.
while read -r module; do insmod "/modules/$module"; done < /modules/order
cat /proc/version > /out/version.txt
dash -eu /capture.sh && echo ok > /out/status.txt
tar -C /out -cf /dev/vda .
sync
reboot -f
INIT
    chmod +x "$ROOT/init"
    (cd "$ROOT" && find . | cpio -o -H newc --quiet | gzip -1) > "$WORK/initramfs.gz"

    rm -rf "$disk" "$out"
    truncate -s 16M "$disk"
    # -no-reboot makes the guest's reboot end QEMU; panic=-1 turns a panic into one.
    timeout 600 nice qemu-system-x86_64 -machine q35,accel=tcg -m 1024 -smp 2 \
        -kernel "$WORK/kernel/root/boot/vmlinuz-$KERNEL_VERSION" -initrd "$WORK/initramfs.gz" \
        -append "console=ttyS0 panic=-1 quiet mitigations=off" \
        -nodefaults -nographic -no-reboot -serial "file:$WORK/console.log" \
        -drive "file=$disk,format=raw,if=virtio"

    mkdir -p "$out"
    tar -C "$out" --no-same-owner -xf "$disk" || true
    if [ ! -f "$out/status.txt" ]; then
        echo "the guest did not finish its capture:" >&2
        tail -n 40 "$WORK/console.log" >&2
        return 1
    fi
}

# What the capture came from, for the record beside the fixture.
# Usage: write_system FILE OUTDIR PACKAGE...   (OUTDIR as given to boot_guest)
write_system() {
    local file=$1 out=$2
    shift 2
    {
        echo "captured: $(date -u +%Y-%m-%d)"
        echo "kernel:   $(cat "$out/version.txt")"
        echo "emulator: $(qemu-system-x86_64 --version | head -n 1)"
        echo "packages:"
        # shellcheck disable=SC2016 # dpkg's own fields, not shell variables
        dpkg-deb -W --showformat='  ${Package} ${Version}\n' "$WORK/kernel/$KERNEL_PACKAGE"_*.deb
        dpkg-query -Wf '  ${Package} ${Version}\n' "$@"
    } > "$file"
}
