#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the programs the tests take as witnesses: Debian packages, those with a service unpacked only, and Python
# packages in a virtual environment; both outside the clone (SKOOP_CACHE, by default ~/.cache/skoop).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_packages python3 python3-venv gzip zstd iproute2 nftables iptables conntrack tcpdump dnsmasq-base runc bindfs \
    bind9-dnsutils python3-dnspython openssl redis-tools \
    default-jre-headless bsh

# Debian 13's, which needs nothing that Debian 12 has not. In a folder of its own beside the older one.
newer_containerd() (
    folder=$cache/containerd-1.7
    [ ! -x "$folder/usr/bin/containerd" ] || return 0
    section "unpacking containerd 1.7 into $folder"
    command -v dpkg-deb > /dev/null && private_apt "$folder/apt" "deb trixie" || return 1
    cd "$folder" && apt-get download -q containerd && dpkg-deb -x containerd_*.deb . && rm containerd_*.deb
)

unpack_package prometheus prometheus
unpack_package nginx ../sbin/nginx
# A node of a cluster: the runtime, what it makes networks with, and what is in its only image.
unpack_package containerd containerd
newer_containerd || echo "no containerd 1.7: tests of its stream of events are left out"
unpack_package containernetworking-plugins ../lib/cni/bridge
unpack_package busybox-static ../../bin/busybox
# The server is the same program as the one that checks its files, and takes its name for what it is to do; the package
# that has the name starts a service.
ln -sfn /usr/bin/redis-check-rdb "$cache/tools/usr/bin/redis-server"

venv=$cache/venv
requirements=scripts/test-requirements.txt
# The list as it was installed last stands in the environment; what has not changed is not asked for again.
if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    section "installing $(grep -cv '^#' "$requirements") Python packages into $venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$venv/requirements.txt"
fi

# Where it cannot be had, it says so, and so do the tests.
scripts/test-receivers.sh || [ $? = 77 ]
