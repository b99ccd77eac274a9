/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The counts of sockets and fragments that /proc/net/sockstat and sockstat6 show, of every network namespace in
 * one run.
 *
 * Hook: none; a syscall program. Since 5.19 (per-CPU reads). Why this one: each of the files costs an open, a read
 * and the kernel's formatting in each namespace, where this costs a microsecond.
 *
 * A protocol counts its sockets under an index given to it at boot. The protocols are kernel data that cannot be
 * named, so the index is learnt from a socket of each: user space opens one and passes its descriptor.
 */
#include <skoop/namespaces.h>
#include <skoop/percpu.h>

#define COUNTERS 128 /* struct prot_inuse has 65 */

SKOOP_LICENSE;

NAMESPACE_ROWS(struct skoop_sockstat_row);

struct pass {
	struct namespace_walk namespaces;
	__u32 cpus;
	const void *inuse; /* per CPU, of the namespace at hand */
	__u32 places
		[SKOOP_SOCKSTAT_KINDS]; /* of the kinds' counters in struct prot_inuse; 0 for none */
	__s32 sums[SKOOP_SOCKSTAT_KINDS];
	__s32 all;
	__s32 counters[COUNTERS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pass);
} state SEC(".maps");

static __always_inline struct pass *the_pass(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&state, &zero);
}

/* Where the protocol of the socket behind a descriptor counts, or 0. */
static __always_inline __u32 place_of(struct file **files, __u32 room, __s32 fd)
{
	struct file *file = NULL;
	struct socket *socket;
	struct proto *proto;

	if (fd < 0 || fd >= room)
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	socket = BPF_CORE_READ(file, private_data);
	proto = BPF_CORE_READ(socket, sk, __sk_common.skc_prot);
	if (!proto)
		return 0;
	return bpf_core_field_offset(struct prot_inuse, val) / sizeof(__s32) +
	       BPF_CORE_READ(proto, inuse_idx);
}

SEC("syscall")
int learn_protocols(struct skoop_sockstat_kinds *kinds)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	__u32 room = BPF_CORE_READ(table, max_fds);
	struct pass *pass = the_pass();

	if (!pass || !bpf_core_field_exists(((struct prot_inuse *)0)->all))
		return -1;
#pragma unroll
	for (int kind = 0; kind < SKOOP_SOCKSTAT_KINDS; kind++)
		pass->places[kind] = place_of(files, room, kinds->descriptors[kind]);
	return 0;
}

static long add_cpu(__u32 index, struct pass **handle)
{
	struct pass *pass = *handle;
	__u64 *offset = bpf_map_lookup_elem(&offsets, &index);
	__u32 bytes = bpf_core_type_size(struct prot_inuse);

	if (!offset)
		return 1;
	if (bytes > sizeof(pass->counters))
		bytes = sizeof(pass->counters);
	if (bpf_probe_read_kernel(pass->counters, bytes, pass->inuse + *offset))
		return 0;
	pass->all +=
		pass->counters[(bpf_core_field_offset(struct prot_inuse, all) / sizeof(__s32)) &
			       (COUNTERS - 1)];
	for (int kind = 0; kind < SKOOP_SOCKSTAT_KINDS; kind++)
		pass->sums[kind] += pass->counters[pass->places[kind] & (COUNTERS - 1)];
	return 0;
}

static __always_inline void put(struct skoop_sockstat_row *row, __u32 place, __s64 value)
{
	/* sums over CPUs that change meanwhile can be below zero; the kernel shows zero too */
	row->values[place] = value < 0 ? 0 : value;
	row->available |= 1U << place;
}

static __always_inline void put_fragments(struct skoop_sockstat_row *row, __u32 place,
					  struct fqdir *fqdir)
{
	if (!fqdir)
		return;
	put(row, place, BPF_CORE_READ(fqdir, rhashtable.nelems.counter));
	put(row, place + 1, BPF_CORE_READ(fqdir, mem.counter));
}

static long read_namespace(__u32 index, struct pass **handle)
{
	struct pass *pass = *handle;
	struct net *net;
	struct skoop_sockstat_row *row;

	row = namespace_walk_row(&pass->namespaces, &rows, &net);
	if (!row)
		return namespace_walk_pass(&pass->namespaces, net);
	__builtin_memset(row, 0, sizeof(*row));
	row->inum = BPF_CORE_READ(net, ns.inum);
	pass->all = 0;
	__builtin_memset(pass->sums, 0, sizeof(pass->sums));
	pass->inuse = BPF_CORE_READ(net, core.prot_inuse);
	bpf_loop(pass->cpus, add_cpu, handle, 0);
	put(row, SKOOP_SOCKSTAT_USED, pass->all);
	for (int kind = 0; kind < SKOOP_SOCKSTAT_KINDS; kind++) {
		if (pass->places[kind])
			put(row, kind, pass->sums[kind]);
	}
	/* one reference is the namespace's own */
	put(row, SKOOP_SOCKSTAT_TIME_WAIT,
	    (__s64)BPF_CORE_READ(tcp_death_row_of(net), tw_refcount.refs.counter) - 1);
	put_fragments(row, SKOOP_SOCKSTAT_FRAGMENTS, BPF_CORE_READ(net, ipv4.fqdir));
	if (bpf_core_field_exists(net->ipv6))
		put_fragments(row, SKOOP_SOCKSTAT_FRAGMENTS6, BPF_CORE_READ(net, ipv6.fqdir));
	return namespace_walk_wrote(&pass->namespaces);
}

SEC("syscall")
int read_sockstat(struct skoop_pass *request)
{
	struct pass *pass = the_pass();

	if (!pass)
		return -1;
	pass->cpus = request->cpus;
	namespace_walk_begin(&pass->namespaces);
	bpf_loop(request->capacity + 1, read_namespace, &pass, 0);
	namespace_walk_report(&pass->namespaces, request);
	return 0;
}
