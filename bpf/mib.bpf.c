/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The SNMP tables (MIBs) of every network namespace in one run.
 *
 * Hook: none; a syscall program, run by BPF_PROG_RUN. Since 5.19 (bpf_map_lookup_percpu_elem; bpf_loop is 5.17,
 * syscall programs 5.14). Why this one: it costs microseconds per namespace where /proc formats text, and needs
 * neither a process in the namespace nor a descriptor that would keep it alive.
 *
 * The tables are per-CPU. The distance from a per-CPU pointer to its instance on CPU n is the same for all
 * allocations, so it is learnt once from a per-CPU map of our own: address of the element on CPU n less the
 * map's base pointer.
 */
#include <skoop/namespaces.h>

#define MAX_CPUS 4096

SKOOP_LICENSE;

/* The possible CPUs, pass->cpus of them; they need not be numbered without gaps. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_CPUS);
	__type(key, __u32);
	__type(value, __u32);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_CPUS);
	__type(key, __u32);
	__type(value, __u64);
} offsets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} yardstick SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct skoop_mib_row);
} rows SEC(".maps");

struct scratch {
	__u64 word;
	__u64 table[SKOOP_MIB_TCPEXT_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch_map SEC(".maps");

static __always_inline struct scratch *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch_map, &zero);
}

/* A pointer as a number: the verifier forbids arithmetic on pointers but not on what is read from a map. */
static __always_inline __u64 number(struct scratch *s, void *pointer)
{
	*(void *volatile *)&s->word = pointer;
	return *(volatile __u64 *)&s->word;
}

static long learn_offset(__u32 index, __u64 *base)
{
	struct scratch *s = scratch();
	__u32 zero = 0;
	__u32 *cpu = bpf_map_lookup_elem(&cpus, &index);
	__u64 *offset = bpf_map_lookup_elem(&offsets, &index);
	void *element;

	if (!s || !cpu || !offset)
		return 1;
	element = bpf_map_lookup_percpu_elem(&yardstick, &zero, *cpu);
	if (!element)
		return 1;
	*offset = number(s, element) - *base;
	return 0;
}

/* Run once after loading. */
SEC("syscall")
int learn_offsets(struct skoop_pass *pass)
{
	struct scratch *s = scratch();
	__u64 base = 0;

	if (!s)
		return -1;
	/* the first per-CPU pointer of an array map stands where its values would */
	bpf_probe_read_kernel(&base, sizeof(base),
			      (void *)number(s, &yardstick) +
				      bpf_core_field_offset(struct bpf_array, value));
	return bpf_loop(pass->cpus, learn_offset, &base, 0) == pass->cpus ? 0 : -1;
}

struct tables {
	struct skoop_mib_row *row;
	__u32 wanted;
	const void *ip, *ip6, *tcp, *tcpext, *udp, *udp6, *icmp, *icmp6;
};

#define ADD(pointer, type, place, room)                                                            \
	do {                                                                                       \
		__u32 bytes = bpf_core_field_size(((struct type *)0)->mibs);                       \
												   \
		if (bytes > (room) * sizeof(__u64))                                                \
			bytes = (room) * sizeof(__u64);                                            \
		if ((pointer) &&                                                                   \
		    !bpf_probe_read_kernel(s->table, bytes, (pointer) + *offset)) {                \
			for (int i = 0; i < (room); i++) {                                         \
				if (i * sizeof(__u64) >= bytes)                                    \
					break;                                                     \
				row->words[(place) + i] += s->table[i];                            \
			}                                                                          \
		}                                                                                  \
	} while (0)

static long add_cpu(__u32 index, struct tables *tables)
{
	struct skoop_mib_row *row = tables->row;
	__u64 *offset = bpf_map_lookup_elem(&offsets, &index);
	struct scratch *s = scratch();

	if (!offset || !s || !row)
		return 1;
	if (tables->wanted & SKOOP_TABLES_IP)
		ADD(tables->ip, ipstats_mib, SKOOP_MIB_IP, SKOOP_MIB_IP_WORDS);
	if (tables->wanted & SKOOP_TABLES_TCP)
		ADD(tables->tcp, tcp_mib, SKOOP_MIB_TCP, SKOOP_MIB_TCP_WORDS);
	if (tables->wanted & SKOOP_TABLES_UDP)
		ADD(tables->udp, udp_mib, SKOOP_MIB_UDP, SKOOP_MIB_UDP_WORDS);
	if (tables->wanted & SKOOP_TABLES_TCPEXT)
		ADD(tables->tcpext, linux_mib, SKOOP_MIB_TCPEXT, SKOOP_MIB_TCPEXT_WORDS);
	if (tables->wanted & SKOOP_TABLES_IP6)
		ADD(tables->ip6, ipstats_mib, SKOOP_MIB_IP6, SKOOP_MIB_IP6_WORDS);
	if (tables->wanted & SKOOP_TABLES_UDP6)
		ADD(tables->udp6, udp_mib, SKOOP_MIB_UDP6, SKOOP_MIB_UDP6_WORDS);
	if (tables->wanted & SKOOP_TABLES_ICMP)
		ADD(tables->icmp, icmp_mib, SKOOP_MIB_ICMP, SKOOP_MIB_ICMP_WORDS);
	if (tables->wanted & SKOOP_TABLES_ICMP6)
		ADD(tables->icmp6, icmpv6_mib, SKOOP_MIB_ICMP6, SKOOP_MIB_ICMP6_WORDS);
	return 0;
}

/* Messages by type are not per-CPU: 256 counters received, then 256 sent. */
static __always_inline void read_messages(struct skoop_mib_row *row, struct net *net, __u32 wanted)
{
	const __u64 *in;

	if (wanted & SKOOP_TABLES_ICMP) {
		in = (void *)BPF_CORE_READ(net, mib.icmpmsg_statistics);
		bpf_probe_read_kernel(&row->words[SKOOP_MIB_ICMP_IN],
				      SKOOP_MIB_ICMP_TYPES * sizeof(__u64), in);
		bpf_probe_read_kernel(&row->words[SKOOP_MIB_ICMP_OUT],
				      SKOOP_MIB_ICMP_TYPES * sizeof(__u64), in + 256);
	}
	if (wanted & SKOOP_TABLES_ICMP6) {
		in = (void *)BPF_CORE_READ(net, mib.icmpv6msg_statistics);
		bpf_probe_read_kernel(&row->words[SKOOP_MIB_ICMP6_IN_ERROR],
				      SKOOP_MIB_ICMP6_ERROR_TYPES * sizeof(__u64), in);
		bpf_probe_read_kernel(&row->words[SKOOP_MIB_ICMP6_IN_INFO],
				      SKOOP_MIB_ICMP6_INFO_TYPES * sizeof(__u64), in + 128);
		bpf_probe_read_kernel(&row->words[SKOOP_MIB_ICMP6_OUT_ERROR],
				      SKOOP_MIB_ICMP6_ERROR_TYPES * sizeof(__u64), in + 256);
		bpf_probe_read_kernel(&row->words[SKOOP_MIB_ICMP6_OUT_INFO],
				      SKOOP_MIB_ICMP6_INFO_TYPES * sizeof(__u64), in + 384);
	}
}

struct mib_walk {
	struct namespace_walk namespaces;
	__u32 wanted;
	__u32 cpus;
	__u32 written;
};

static long read_namespace(__u32 index, struct mib_walk *walk)
{
	struct net *net = namespace_walk_step(&walk->namespaces);
	struct skoop_mib_row *row;
	struct tables tables;
	__u8 ttl = 0;

	if (walk->namespaces.broken)
		return 1;
	if (!net)
		return walk->namespaces.closed ? 1 : 0;
	row = bpf_map_lookup_elem(&rows, &walk->written);
	if (!row)
		return 1;
	/* a read that fails zeroes its destination: a memset without 4 KB of instructions */
	bpf_probe_read_kernel(row->words, sizeof(row->words), NULL);
	row->words[SKOOP_MIB_INUM] = BPF_CORE_READ(net, ns.inum);
	row->words[SKOOP_MIB_IP_FORWARDING] = BPF_CORE_READ(net, ipv4.devconf_all, data[0]) ? 1 : 2;
	bpf_core_read(&ttl, 1, &net->ipv4.sysctl_ip_default_ttl);
	row->words[SKOOP_MIB_IP_DEFAULT_TTL] = ttl;

	tables.row = row;
	tables.wanted = walk->wanted;
	tables.ip = BPF_CORE_READ(net, mib.ip_statistics);
	tables.ip6 = BPF_CORE_READ(net, mib.ipv6_statistics);
	tables.tcp = BPF_CORE_READ(net, mib.tcp_statistics);
	tables.tcpext = BPF_CORE_READ(net, mib.net_statistics);
	tables.udp = BPF_CORE_READ(net, mib.udp_statistics);
	tables.udp6 = BPF_CORE_READ(net, mib.udp_stats_in6);
	tables.icmp = BPF_CORE_READ(net, mib.icmp_statistics);
	tables.icmp6 = BPF_CORE_READ(net, mib.icmpv6_statistics);
	bpf_loop(walk->cpus, add_cpu, &tables, 0);
	read_messages(row, net, walk->wanted);
	walk->written++;
	return walk->namespaces.closed ? 1 : 0;
}

SEC("syscall")
int read_mibs(struct skoop_pass *pass)
{
	struct mib_walk walk = {.wanted = pass->tables, .cpus = pass->cpus};

	namespace_walk_begin(&walk.namespaces);
	/* one step more than rows: the head of the ring is a step too */
	bpf_loop(pass->capacity + 1, read_namespace, &walk, 0);
	pass->namespaces = walk.written;
	pass->complete = walk.namespaces.closed && !walk.namespaces.broken;
	return 0;
}
