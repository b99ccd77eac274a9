/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connection tracking's counters, entries and limit of every network namespace in one run.
 *
 * Hook: none; a syscall program. Since 5.19 (per-CPU reads), with connection tracking built in or loaded.
 * Why this one: netlink answers only inside each namespace, which costs a dozen system calls for each.
 *
 * The counters are reached from struct net. The number of entries is in the per-namespace data of nf_conntrack,
 * whose index in net->gen is a kernel variable that cannot be read where kallsyms hides data; but that data
 * points to the sysctl table which begins with nf_conntrack_max, and no other does.
 */
#include <skoop/namespaces.h>
#include <skoop/percpu.h>

#define MAX_PERNET_IDS 512

SKOOP_LICENSE;

NAMESPACE_ROWS(struct skoop_conntrack_row);

struct pass {
	struct namespace_walk namespaces;
	__u32 cpus;
	__u32 id; /* of nf_conntrack in net->gen */
	__u32 max_entries;
	struct ip_conntrack_stat *stat;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pass);
} state SEC(".maps");

static __always_inline struct nf_conntrack_net *pernet(struct net *net, __u32 id)
{
	struct net_generic *gen = BPF_CORE_READ(net, gen);
	void *data = NULL;

	bpf_probe_read_kernel(&data, sizeof(data), (void *)gen + id * sizeof(data));
	return data;
}

static long find_id(__u32 id, struct pass **handle)
{
	static const char wanted[] = "nf_conntrack_max";
	struct pass *pass = *handle;
	struct nf_conntrack_net *data = pernet(pass->namespaces.first, id);
	struct ctl_table *table = BPF_CORE_READ(data, sysctl_header, ctl_table);
	char name[sizeof(wanted)] = {};
	const void *max = BPF_CORE_READ(table, data);

	if (!table || bpf_probe_read_kernel_str(name, sizeof(name),
						BPF_CORE_READ(table, procname)) != sizeof(name))
		return 0;
	for (int i = 0; i < sizeof(wanted); i++) {
		if (name[i] != wanted[i])
			return 0;
	}
	pass->id = id;
	bpf_probe_read_kernel(&pass->max_entries, sizeof(__u32), max);
	return 1;
}

struct row_context {
	struct pass *pass;
	struct skoop_conntrack_row *row;
};

#define ADD(place, field)                                                                          \
	do {                                                                                       \
		if (bpf_core_field_exists(stat->field)) {                                          \
			row->counters[place] += BPF_CORE_READ(stat, field);                        \
			row->available |= 1U << (place);                                           \
		}                                                                                  \
	} while (0)

static long add_cpu(__u32 index, struct row_context *context)
{
	struct skoop_conntrack_row *row = context->row;
	__u64 *offset = bpf_map_lookup_elem(&offsets, &index);
	struct ip_conntrack_stat *stat;

	if (!offset)
		return 1;
	stat = (void *)context->pass->stat + *offset;
	ADD(SKOOP_CT_FOUND, found);
	ADD(SKOOP_CT_INVALID, invalid);
	ADD(SKOOP_CT_IGNORE, ignore);
	ADD(SKOOP_CT_INSERT, insert);
	ADD(SKOOP_CT_INSERT_FAILED, insert_failed);
	ADD(SKOOP_CT_DROP, drop);
	ADD(SKOOP_CT_EARLY_DROP, early_drop);
	ADD(SKOOP_CT_ERROR, error);
	ADD(SKOOP_CT_SEARCH_RESTART, search_restart);
	ADD(SKOOP_CT_CLASH_RESOLVE, clash_resolve);
	ADD(SKOOP_CT_CHAIN_TOO_LONG, chaintoolong);
	return 0;
}

static long read_namespace(__u32 index, struct pass **handle)
{
	struct pass *pass = *handle;
	struct net *net;
	struct row_context context = {.pass = pass};
	struct nf_conntrack_net *data;
	struct skoop_conntrack_row *row;

	row = namespace_walk_row(&pass->namespaces, &rows, &net);
	if (!row)
		return namespace_walk_pass(&pass->namespaces, net);
	__builtin_memset(row, 0, sizeof(*row));
	data = pernet(net, pass->id);
	row->inum = BPF_CORE_READ(net, ns.inum);
	if (bpf_core_field_exists(net->net_cookie))
		row->cookie = BPF_CORE_READ(net, net_cookie);
	row->entries = BPF_CORE_READ(data, count.counter);
	row->max_entries = pass->max_entries;
	pass->stat = BPF_CORE_READ(net, ct.stat);
	context.row = row;
	if (pass->stat)
		bpf_loop(pass->cpus, add_cpu, &context, 0);
	return namespace_walk_wrote(&pass->namespaces);
}

SEC("syscall")
int read_conntrack(struct skoop_pass *request)
{
	__u32 zero = 0;
	struct pass *pass = bpf_map_lookup_elem(&state, &zero);

	if (!pass)
		return -1;
	pass->cpus = request->cpus;
	pass->id = 0;
	namespace_walk_begin(&pass->namespaces);
	bpf_loop(MAX_PERNET_IDS, find_id, &pass, 0);
	if (!pass->id)
		return -1;
	bpf_loop(request->capacity + 1, read_namespace, &pass, 0);
	namespace_walk_report(&pass->namespaces, request);
	return 0;
}
