#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles every eBPF program as the build plugin does, but for arm64: what is used of registers and headers must exist
# there too. Needs the Swift toolchain and libbpf-dev.
set -eu
cd "$(dirname "$0")/.."

clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count=0
for source in bpf/*.bpf.c Tests/*/bpf/*.bpf.c Examples/*/bpf/*.bpf.c; do
	[ -e "$source" ] || continue
	"$clang" -g -O2 -target bpf -mcpu=v2 -Wall -Werror -D__TARGET_ARCH_arm64 \
		-I bpf/include -I "$(dirname "$source")/include" -idirafter /usr/include \
		-idirafter "/usr/include/$(uname -m)-linux-gnu" -c "$source" -o "$work/object.o"
	count=$((count + 1))
done
echo "$count programs compile for arm64"
