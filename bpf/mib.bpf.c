/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The SNMP tables (MIBs) of every network namespace in one run.
 *
 * Hook: none; a syscall program, run by BPF_PROG_RUN. Since 5.19 (bpf_map_lookup_percpu_elem; bpf_loop is 5.17,
 * syscall programs 5.14). Why this one: it costs microseconds per namespace where /proc formats text, and needs
 * neither a process in the namespace nor a descriptor that would keep it alive.
 */
#include <skoop/namespaces.h>
#include <skoop/percpu.h>

SKOOP_LICENSE;

NAMESPACE_ROWS(struct skoop_mib_row);

struct pass {
	struct namespace_walk namespaces;
	__u32 wanted;
	__u32 cpus;
	/* per-CPU pointers of the namespace at hand */
	const void *ip, *ip6, *tcp, *tcpext, *udp, *udp6, *icmp, *icmp6;
	__u64 table[SKOOP_MIB_TCPEXT_WORDS];
};

/*
 * The state of a pass is in a map, and only a pointer to it on the stack: the verifier follows every value on the
 * stack through every round of every loop, which took it seconds.
 */
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

#define ADD(pointer, type, place, room)                                                            \
	do {                                                                                       \
		__u32 bytes = bpf_core_field_size(((struct type *)0)->mibs);                       \
                                                                                                   \
		if (bytes > (room) * sizeof(__u64))                                                \
			bytes = (room) * sizeof(__u64);                                            \
		if ((pointer) &&                                                                   \
		    !bpf_probe_read_kernel(pass->table, bytes, (pointer) + *offset)) {             \
			for (int i = 0; i < (room); i++) {                                         \
				if (i * sizeof(__u64) >= bytes)                                    \
					break;                                                     \
				row->words[(place) + i] += pass->table[i];                         \
			}                                                                          \
		}                                                                                  \
	} while (0)

struct row_context {
	struct pass *pass;
	struct skoop_mib_row *row;
};

static long add_cpu(__u32 index, struct row_context *context)
{
	struct pass *pass = context->pass;
	struct skoop_mib_row *row = context->row;
	__u64 *offset = bpf_map_lookup_elem(&offsets, &index);

	if (!offset)
		return 1;
	if (pass->wanted & SKOOP_TABLES_IP)
		ADD(pass->ip, ipstats_mib, SKOOP_MIB_IP, SKOOP_MIB_IP_WORDS);
	if (pass->wanted & SKOOP_TABLES_TCP)
		ADD(pass->tcp, tcp_mib, SKOOP_MIB_TCP, SKOOP_MIB_TCP_WORDS);
	if (pass->wanted & SKOOP_TABLES_UDP)
		ADD(pass->udp, udp_mib, SKOOP_MIB_UDP, SKOOP_MIB_UDP_WORDS);
	if (pass->wanted & SKOOP_TABLES_TCPEXT)
		ADD(pass->tcpext, linux_mib, SKOOP_MIB_TCPEXT, SKOOP_MIB_TCPEXT_WORDS);
	if (pass->wanted & SKOOP_TABLES_IP6)
		ADD(pass->ip6, ipstats_mib, SKOOP_MIB_IP6, SKOOP_MIB_IP6_WORDS);
	if (pass->wanted & SKOOP_TABLES_UDP6)
		ADD(pass->udp6, udp_mib, SKOOP_MIB_UDP6, SKOOP_MIB_UDP6_WORDS);
	if (pass->wanted & SKOOP_TABLES_ICMP)
		ADD(pass->icmp, icmp_mib, SKOOP_MIB_ICMP, SKOOP_MIB_ICMP_WORDS);
	if (pass->wanted & SKOOP_TABLES_ICMP6)
		ADD(pass->icmp6, icmpv6_mib, SKOOP_MIB_ICMP6, SKOOP_MIB_ICMP6_WORDS);
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

static long read_namespace(__u32 index, struct pass **handle)
{
	struct pass *pass = *handle;
	struct net *net;
	struct row_context context = {.pass = pass};
	struct skoop_mib_row *row;
	__u8 ttl = 0;

	row = namespace_walk_row(&pass->namespaces, &rows, &net);
	if (!row)
		return namespace_walk_pass(&pass->namespaces, net);
	/* a read that fails zeroes its destination: a memset without 4 KB of instructions */
	bpf_probe_read_kernel(row->words, sizeof(row->words), NULL);
	row->words[SKOOP_MIB_INUM] = BPF_CORE_READ(net, ns.inum);
	row->words[SKOOP_MIB_IP_FORWARDING] = BPF_CORE_READ(net, ipv4.devconf_all, data[0]) ? 1 : 2;
	bpf_core_read(&ttl, 1, &net->ipv4.sysctl_ip_default_ttl);
	row->words[SKOOP_MIB_IP_DEFAULT_TTL] = ttl;

	context.row = row;
	pass->ip = BPF_CORE_READ(net, mib.ip_statistics);
	pass->ip6 = BPF_CORE_READ(net, mib.ipv6_statistics);
	pass->tcp = BPF_CORE_READ(net, mib.tcp_statistics);
	pass->tcpext = BPF_CORE_READ(net, mib.net_statistics);
	pass->udp = BPF_CORE_READ(net, mib.udp_statistics);
	pass->udp6 = BPF_CORE_READ(net, mib.udp_stats_in6);
	pass->icmp = BPF_CORE_READ(net, mib.icmp_statistics);
	pass->icmp6 = BPF_CORE_READ(net, mib.icmpv6_statistics);
	bpf_loop(pass->cpus, add_cpu, &context, 0);
	read_messages(row, net, pass->wanted);
	return namespace_walk_wrote(&pass->namespaces);
}

SEC("syscall")
int read_mibs(struct skoop_pass *request)
{
	struct pass *pass = the_pass();

	if (!pass)
		return -1;
	pass->wanted = request->tables;
	pass->cpus = request->cpus;
	namespace_walk_begin(&pass->namespaces);
	/* one step more than rows: the head of the ring is a step too */
	bpf_loop(request->capacity + 1, read_namespace, &pass, 0);
	namespace_walk_report(&pass->namespaces, request);
	return 0;
}
