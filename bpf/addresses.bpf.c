/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How often the addresses of every network namespace have changed, in one run.
 *
 * Hook: none; a syscall program. Since 5.17 (bpf_loop). Why this one: netlink tells of changed addresses only to a socket
 * inside each namespace, which keeps that alive; the kernel counts the changes for its caches of routes anyway, in
 * fib_inetaddr_event() of net/ipv4/fib_frontend.c and __ipv6_ifa_notify() of net/ipv6/addrconf.c.
 */
#include <skoop/abi/addresses.h>
#include <skoop/namespaces.h>

SKOOP_LICENSE;

NAMESPACE_ROWS(struct skoop_addresses_row);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct namespace_walk);
} state SEC(".maps");

static long read_namespace(__u32 index, struct namespace_walk **handle)
{
	struct namespace_walk *walk = *handle;
	struct skoop_addresses_row *row;
	struct net *net;

	row = namespace_walk_row(walk, &rows, &net);
	if (!row)
		return namespace_walk_pass(walk, net);
	row->inum = BPF_CORE_READ(net, ns.inum);
	row->cookie = 0;
	if (bpf_core_field_exists(net->net_cookie))
		row->cookie = BPF_CORE_READ(net, net_cookie);
	row->changes4 = BPF_CORE_READ(net, ipv4.dev_addr_genid.counter);
	row->changes6 = 0;
	if (bpf_core_field_exists(net->ipv6.dev_addr_genid))
		row->changes6 = BPF_CORE_READ(net, ipv6.dev_addr_genid.counter);
	return namespace_walk_wrote(walk);
}

SEC("syscall")
int read_addresses(struct skoop_pass *request)
{
	__u32 zero = 0;
	struct namespace_walk *walk = bpf_map_lookup_elem(&state, &zero);

	if (!walk)
		return -1;
	namespace_walk_begin(walk);
	bpf_loop(request->capacity + 1, read_namespace, &walk, 0);
	namespace_walk_report(walk, request);
	return 0;
}
