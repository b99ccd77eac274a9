/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Walking every network namespace from a syscall program.
 *
 * All struct net hang in one ring, net_namespace_list, whose head is no struct net. There is no way to name the
 * head without a kernel data symbol, but every namespace's ns.ops points to the same operations: the node
 * whose ops differ is the head.
 *
 * The ring is walked without a lock, so every pointer is read once, through bpf_probe_read_kernel(), and
 * believed only if ns.ops agrees. A namespace that is freed meanwhile can end the walk early; the caller sees
 * that the walk did not come back to where it began.
 */
#ifndef SKOOP_NAMESPACES_H
#define SKOOP_NAMESPACES_H

#include <skoop/abi.h>
#include <skoop/core.h>

struct namespace_walk {
	struct net *first;
	struct net *next;
	const void *ops;
	/* not bool: the verifier takes a byte for 0 to 255 where a callback must return 0 or 1 */
	__u32 closed; /* came back to the first */
	__u32 broken; /* met something that is neither a namespace nor the head, or had no room */
	__u32 head_seen;
	__u32 written; /* rows */
};

/* The map that a walk writes to: one row per namespace, sized by user space. */
#define NAMESPACE_ROWS(row_type)                                                                   \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__uint(max_entries, 1024);                                                         \
		__type(key, __u32);                                                                \
		__type(value, row_type);                                                           \
	} rows SEC(".maps")

static __always_inline void namespace_walk_begin(struct namespace_walk *walk)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct net *first = BPF_CORE_READ(task, nsproxy, net_ns);

	walk->first = first;
	walk->next = first;
	walk->ops = BPF_CORE_READ(first, ns.ops);
	walk->closed = false;
	walk->broken = false;
	walk->head_seen = false;
	walk->written = 0;
}

/* The namespace the walk stands at, or NULL where it stands at the head; moves on. */
static __always_inline struct net *namespace_walk_step(struct namespace_walk *walk)
{
	struct net *net = walk->next;
	struct list_head *next = BPF_CORE_READ(net, list.next);

	if (!next) {
		walk->broken = true;
		return NULL;
	}
	walk->next = (void *)next - bpf_core_field_offset(struct net, list);
	walk->closed = walk->next == walk->first;
	if (BPF_CORE_READ(net, ns.ops) != walk->ops) {
		walk->broken = walk->head_seen;
		walk->head_seen = true;
		return NULL;
	}
	return net;
}

/* In 5.18 to 6.0 tcp_death_row is a pointer to what stands in struct net before and after. */
static __always_inline struct inet_timewait_death_row *tcp_death_row_of(struct net *net)
{
	struct inet_timewait_death_row *row = &net->ipv4.tcp_death_row;

	if (bpf_core_field_size(net->ipv4.tcp_death_row) == sizeof(void *))
		bpf_core_read(&row, sizeof(row), &net->ipv4.tcp_death_row);
	else
		row = (void *)net + bpf_core_field_offset(struct net, ipv4.tcp_death_row);
	return row;
}

/* The next namespace and, where there is room, its row; NULL where the walk stands at the head or must end. */
static __always_inline void *namespace_walk_row(struct namespace_walk *walk, void *rows,
						struct net **net)
{
	void *row;

	*net = namespace_walk_step(walk);
	if (!*net || walk->broken)
		return NULL;
	row = bpf_map_lookup_elem(rows, &walk->written);
	/* also the last namespace can be the one too many, and the walk then looks complete */
	if (!row)
		walk->broken = true;
	return row;
}

/* What a bpf_loop() callback returns where there was no row: 0 only for the head in the middle of the ring. */
static __always_inline long namespace_walk_pass(struct namespace_walk *walk, struct net *net)
{
	return net || walk->broken || walk->closed ? 1 : 0;
}

/* What it returns once the row is written. */
static __always_inline long namespace_walk_wrote(struct namespace_walk *walk)
{
	walk->written++;
	return walk->closed ? 1 : 0;
}

static __always_inline void namespace_walk_report(struct namespace_walk *walk,
						  struct skoop_pass *request)
{
	request->namespaces = walk->written;
	request->complete = walk->closed && !walk->broken;
}

#endif
