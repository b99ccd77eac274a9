/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The TCP sockets of the whole host, counted by namespace and state, in one run.
 *
 * Hook: none; a syscall program. Since 5.19: bpf_loop is 5.17, and before 5.19 listening sockets hang in a table of
 * another shape. Why this one: /proc/net/tcp walks the whole hash table once per namespace, this walks it once.
 *
 * The tables are walked without locks. A chain can change underfoot: a socket that is freed can at once be another
 * one, in another chain or at the front of this one, and lead the walk there. Each chain ends with a marker that
 * has its number. What a walk finds is noted, and added up once it has come to the right end; else it begins again,
 * CHAIN_TRIES times in all. A chain that never came to its end is counted in pass->broken.
 */
#include <skoop/namespaces.h>

#define HEADS	    1024 /* bucket heads read at a time, 8 KB */
#define GROUP	    8
#define CHAIN_LIMIT 4096
#define CHAIN_TRIES 4
#define MARKS	    4
#define NOTES	    1024 /* of a longer chain, what is found first is added up at once */

/* include/net/inet_hashtables.h */
#define LISTENING_NULLS_BASE (1U << 29)

SKOOP_LICENSE;

NAMESPACE_ROWS(struct skoop_tcp_row);

/* struct net -> row, for the duration of a pass */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32);
} row_of_net SEC(".maps");

/*
 * The established tables of a pass: the shared one, and one for each namespace made under
 * net.ipv4.tcp_child_ehash_entries. As much room as for namespaces.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u32);
} tables_seen SEC(".maps");

static __always_inline bool is_end(const void *node)
{
	return (__u64)node & 1;
}

/* One socket of a chain. */
struct note {
	__u32 row;
	__u32 state;  /* SKOOP_TCP_STATES: of no state that is shown */
	__u32 first;  /* transmit queue; of a listening socket, the length of its accept queue */
	__u32 second; /* receive queue; of a listening socket, the limit of its accept queue */
};

struct count {
	struct namespace_walk namespaces;
	__u64 net; /* of the last socket: neighbours often share it */
	__u32 row;
	__u32 sockets;
	__u32 broken;
	__u32 unknown;
	void *node;
	void *head;	    /* where the chain's first pointer is */
	void *marks[MARKS]; /* the first sockets of the chain */
	void *end;	    /* its end marker */
	__u32 listening;
	__u32 noted;
	__u32 spilled; /* some sockets of the chain are added up already */
	__u32 heads;   /* in the block at hand */
	__u32 group;
	__u64 first_head; /* of the block, its number in the table */
	struct inet_ehash_bucket *ehash;
	__u64 ehash_size;
	struct inet_listen_hashbucket *lhash2;
	__u32 lhash2_size;
	struct note notes[NOTES];
	__u64 block[HEADS];
};

/*
 * The state of a pass is in a map, and only a pointer to it on the stack: the verifier follows every value on the
 * stack through every round of every loop, which took it seconds.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct count);
} state SEC(".maps");

/* Finds the row of the socket's namespace and leaves it in count->row. */
static __always_inline bool find_row(struct count *count, struct sock *sk)
{
	__u64 net = (__u64)BPF_CORE_READ(sk, __sk_common.skc_net.net);

	if (net != count->net) {
		__u32 *row = bpf_map_lookup_elem(&row_of_net, &net);

		if (!row) {
			count->unknown++;
			return false;
		}
		count->net = net;
		count->row = *row;
	}
	return true;
}

static __always_inline void add(struct count *count, const struct note *note)
{
	struct skoop_tcp_row *row = bpf_map_lookup_elem(&rows, &note->row);

	count->sockets++;
	if (!row || note->state >= SKOOP_TCP_STATES)
		return;
	row->states[note->state]++;
	if (note->state == TCP_LISTEN) {
		row->accept_queue += note->first;
		row->accept_queue_limit += note->second;
		if (note->first > row->accept_queue_max)
			row->accept_queue_max = note->first;
	} else {
		row->transmit_queue += note->first;
		row->receive_queue += note->second;
	}
}

static long add_note(__u32 index, struct count **pass)
{
	struct count *count = *pass;

	add(count, &count->notes[index & (NOTES - 1)]);
	return 0;
}

/* A place for the next socket of the chain. */
static __always_inline struct note *take_note(struct count *count)
{
	struct note *note;

	if (count->noted >= NOTES) {
		/* the last place is used again and again */
		add(count, &count->notes[NOTES - 1]);
		count->spilled = true;
		count->noted = NOTES - 1;
	}
	note = &count->notes[count->noted & (NOTES - 1)];
	count->noted++;
	note->row = count->row;
	note->first = 0;
	note->second = 0;
	return note;
}

/*
 * On to the next socket of the chain; what a bpf_loop() callback returns. A socket that was put back to the front of its
 * own chain leads through it again: then one of the first sockets comes again, unless all of them have gone as well.
 */
static __always_inline long move_on(struct count *count, __u32 index, struct sock *sk)
{
	void *node = BPF_CORE_READ(sk, __sk_common.skc_nulls_node.next);

	if (index < MARKS)
		count->marks[index] = count->node;
	count->node = node;
	return !node || is_end(node) || node == count->marks[0] || node == count->marks[1] ||
	       node == count->marks[2] || node == count->marks[3];
}

static __always_inline struct sock *sock_of(void *node)
{
	return node - bpf_core_field_offset(struct sock, __sk_common.skc_nulls_node);
}

/* What /proc/net/tcp and sock_diag show: not where the socket is kept, but where its connection stands. */
static __always_inline __u32 shown_state(struct sock *sk, __u8 state)
{
	if (state == TCP_NEW_SYN_RECV)
		return TCP_SYN_RECV;
	/* a closed socket waits in FIN_WAIT2, too, as an inet_timewait_sock */
	if (state == TCP_TIME_WAIT)
		return BPF_CORE_READ((struct inet_timewait_sock *)sk, tw_substate);
	return state;
}

/* One socket of an established chain: struct sock, inet_timewait_sock or request_sock, alike in sock_common. */
static long count_established(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	struct sock *sk = sock_of(count->node);
	struct tcp_sock *tp = (void *)sk;
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	/* one that listens is no longer in this chain */
	if (state != TCP_LISTEN && (family == AF_INET || family == AF_INET6) &&
	    find_row(count, sk)) {
		struct note *note = take_note(count);

		note->state = shown_state(sk, state);
		/* request and TIME_WAIT sockets have no queues */
		if (state != TCP_NEW_SYN_RECV && state != TCP_TIME_WAIT) {
			__s32 unread = BPF_CORE_READ(tp, rcv_nxt) - BPF_CORE_READ(tp, copied_seq);

			note->first = BPF_CORE_READ(tp, write_seq) - BPF_CORE_READ(tp, snd_una);
			if (unread > 0)
				note->second = unread;
		}
	}
	return move_on(count, index, sk);
}

static long count_listening(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	struct sock *sk = sock_of(count->node);

	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN && find_row(count, sk)) {
		struct note *note = take_note(count);

		note->state = TCP_LISTEN;
		note->first = BPF_CORE_READ(sk, sk_ack_backlog);
		note->second = BPF_CORE_READ(sk, sk_max_ack_backlog);
	}
	return move_on(count, index, sk);
}

static long try_chain(__u32 index, struct count **pass)
{
	struct count *count = *pass;

	count->noted = 0;
	if (index)
		bpf_probe_read_kernel(&count->node, sizeof(count->node), count->head);
	__builtin_memset(count->marks, 0, sizeof(count->marks));
	if (count->node && !is_end(count->node)) {
		if (count->listening)
			bpf_loop(CHAIN_LIMIT, count_listening, pass, 0);
		else
			bpf_loop(CHAIN_LIMIT, count_established, pass, 0);
	}
	if (count->node != count->end) {
		if (!count->spilled && index + 1 < CHAIN_TRIES)
			return 0;
		count->broken++;
	}
	bpf_loop(count->noted, add_note, pass, 0);
	return 1;
}

/* Walks the chain whose first pointer, at `head`, is in count->node. */
static __always_inline void count_chain(struct count **pass, void *head, __u64 number)
{
	struct count *count = *pass;

	count->head = head;
	count->end = (void *)(number << 1 | 1);
	count->spilled = false;
	if (count->node != count->end)
		bpf_loop(CHAIN_TRIES, try_chain, pass, 0);
}

static long count_head(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	__u64 head = count->group + index;
	__u64 number = count->first_head + head;

	if (head >= count->heads)
		return 1;
	count->node = (void *)count->block[head & (HEADS - 1)];
	count_chain(pass, (void *)count->ehash + number * sizeof(__u64), number);
	return 0;
}

/* An empty chain's head is a marker with bit 0 set; most are empty, so eight are passed over at once. */
static long count_group(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	__u64 first = (__u64)index * GROUP;
	__u64 *head = &count->block[first & (HEADS - GROUP)];

	count->group = first;
	if (!(head[0] & head[1] & head[2] & head[3] & head[4] & head[5] & head[6] & head[7] & 1))
		bpf_loop(GROUP, count_head, pass, 0);
	return 0;
}

static long count_block(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	__u64 first = (__u64)index * HEADS;
	__u64 heads = count->ehash_size - first;

	if (first >= count->ehash_size)
		return 1;
	if (heads > HEADS)
		heads = HEADS;
	count->heads = heads;
	count->first_head = first;
	if (bpf_probe_read_kernel(count->block, heads * sizeof(__u64),
				  (void *)count->ehash + first * sizeof(__u64))) {
		count->broken++;
		return 0;
	}
	bpf_loop((heads + GROUP - 1) / GROUP, count_group, pass, 0);
	return 0;
}

static long count_listen_bucket(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	__u64 stride = bpf_core_type_size(struct inet_listen_hashbucket);
	struct inet_listen_hashbucket *bucket = (void *)count->lhash2 + index * stride;

	count->node = BPF_CORE_READ(bucket, nulls_head.first);
	count_chain(pass, &bucket->nulls_head.first, (__u64)index + LISTENING_NULLS_BASE);
	return 0;
}

static __always_inline struct inet_hashinfo *hashinfo_of(struct net *net)
{
	return BPF_CORE_READ(tcp_death_row_of(net), hashinfo);
}

static long make_row(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	struct net *net;
	struct skoop_tcp_row *row;
	__u64 key;

	row = namespace_walk_row(&count->namespaces, &rows, &net);
	if (!row)
		return namespace_walk_pass(&count->namespaces, net);
	key = (__u64)net;
	__builtin_memset(row, 0, sizeof(*row));
	row->inum = BPF_CORE_READ(net, ns.inum);
	row->net = key;
	if (bpf_map_update_elem(&row_of_net, &key, &count->namespaces.written, BPF_ANY))
		return 1;
	return namespace_walk_wrote(&count->namespaces);
}

static long count_table(__u32 index, struct count **pass)
{
	struct count *count = *pass;
	struct skoop_tcp_row *row = bpf_map_lookup_elem(&rows, &index);
	struct inet_hashinfo *hashinfo;
	struct net *net;
	__u64 ehash;
	__u32 one = 1;

	if (!row)
		return 1;
	net = (void *)row->net;
	hashinfo = hashinfo_of(net);
	ehash = (__u64)BPF_CORE_READ(hashinfo, ehash);
	if (!ehash || bpf_map_update_elem(&tables_seen, &ehash, &one, BPF_NOEXIST))
		return 0;
	row->table = ehash;
	count->ehash = (void *)ehash;
	count->ehash_size = (__u64)BPF_CORE_READ(hashinfo, ehash_mask) + 1;
	bpf_loop((count->ehash_size + HEADS - 1) / HEADS, count_block, pass, 0);
	if (!count->lhash2) {
		/* tables of namespaces share the one for listening sockets */
		count->lhash2 = BPF_CORE_READ(hashinfo, lhash2);
		count->lhash2_size = BPF_CORE_READ(hashinfo, lhash2_mask) + 1;
		count->listening = true;
		bpf_loop(count->lhash2_size, count_listen_bucket, pass, 0);
		count->listening = false;
	}
	return 0;
}

static long forget_row(__u32 index, struct count **pass)
{
	struct skoop_tcp_row *row = bpf_map_lookup_elem(&rows, &index);

	if (!row)
		return 1;
	/* from the row: the namespace may have gone meanwhile, and its table's key would stay for ever */
	if (row->table)
		bpf_map_delete_elem(&tables_seen, &row->table);
	bpf_map_delete_elem(&row_of_net, &row->net);
	row->net = 0;
	row->table = 0;
	return 0;
}

SEC("syscall")
int read_tcp_sockets(struct skoop_pass *pass)
{
	__u32 zero = 0;
	struct count *count = bpf_map_lookup_elem(&state, &zero);

	if (!count)
		return -1;
	/* a read that fails zeroes its destination */
	bpf_probe_read_kernel(count, __builtin_offsetof(struct count, notes), NULL);
	namespace_walk_begin(&count->namespaces);
	bpf_loop(pass->capacity + 1, make_row, &count, 0);
	bpf_loop(count->namespaces.written, count_table, &count, 0);
	bpf_loop(count->namespaces.written, forget_row, &count, 0);
	namespace_walk_report(&count->namespaces, pass);
	pass->sockets = count->sockets;
	pass->broken = count->broken;
	pass->unknown = count->unknown;
	return 0;
}
