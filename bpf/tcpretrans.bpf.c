/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP packets that are sent again.
 *
 * Hooks: tracepoints tcp:tcp_retransmit_skb, since 4.15, and tcp:tcp_retransmit_synack, since 4.16, as tp_btf, or where
 * the kernel has no type information of its own, as raw_tp. Why these: every retransmission passes one of them, with the
 * socket still in the state that led to it. Since 6.17 the first one is there also when sending failed, and says so.
 */
#include <skoop/abi/tcpretrans.h>
#include <skoop/events.h>
#include <skoop/packet.h>
#include <skoop/rows.h>

SKOOP_LICENSE;

#define TCP_FLAG_SYN 0x02
#define TCP_FLAG_ACK 0x10

/* include/uapi/linux/tcp.h */
#define TCP_CA_RECOVERY 3
#define TCP_CA_LOSS	4

/* include/net/inet_connection_sock.h */
#define ICSK_TIME_LOSS_PROBE 5

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sk_buff___cb {
	char cb[48];
};

struct tcp_skb_cb {
	__u16 tcp_gso_segs;
	__u16 tcp_flags;
};

struct inet_connection_sock {
	__u8 icsk_ca_state : 5;
	__u8 icsk_retransmits;
	__u8 icsk_pending;
};

struct tcp_sock___path {
	struct inet_connection_sock inet_conn;
	__u32 srtt_us;
	__u32 snd_cwnd;
};

struct request_sock {
	struct sock_common __req_common;
	__u8 num_timeout : 7;
};

#pragma clang attribute pop

/* The tracepoint as kernels have it since 6.17: looked for by the number of its arguments. */
typedef void (*btf_trace_tcp_retransmit_skb___error)(void *, const struct sock *,
						     const struct sk_buff *, int);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct skoop_retrans_key);
	__type(value, struct skoop_retrans_count);
} kinds SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct skoop_retrans_ends);
	__type(value, struct skoop_retrans_count);
} connections SEC(".maps");

/* What finds no room in connections, by the lower port only. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct skoop_retrans_ends);
	__type(value, struct skoop_retrans_count);
} services SEC(".maps");

__u64 kinds_full;
__u64 connections_full;
__u64 services_full;

/* Whether connections have rows of their own. */
const volatile bool both_ports = true;

static const struct skoop_retrans_count nothing;

static __always_inline void add(struct skoop_retrans_count *row,
				struct skoop_tcpretrans_event *retrans)
{
	if (!row)
		return;
	__sync_fetch_and_add(&row->packets, 1);
	__sync_fetch_and_add(&row->segments, retrans->segments);
	row->last = retrans->event.time;
}

static __always_inline void count(struct skoop_tcpretrans_event *retrans)
{
	struct skoop_retrans_key key = {.netns = retrans->event.netns, .kind = retrans->event.kind};
	struct skoop_tuple *tuple = &retrans->event.tuple;
	struct skoop_retrans_ends ends = {
		.netns = retrans->event.netns,
		.source_port = tuple->source_port,
		.destination_port = tuple->destination_port,
		.family = tuple->family,
	};
	struct skoop_retrans_count *row = NULL;

	add(row_of(&kinds, &key, &nothing, &kinds_full), retrans);
	__builtin_memcpy(ends.source, tuple->source, 16);
	__builtin_memcpy(ends.destination, tuple->destination, 16);
	if (both_ports)
		row = row_of(&connections, &ends, &nothing, &connections_full);
	if (!row) {
		if (ends.source_port > ends.destination_port)
			ends.source_port = 0;
		else
			ends.destination_port = 0;
		row = row_of(&services, &ends, &nothing, &services_full);
	}
	add(row, retrans);
}

static __always_inline int report(void *context, struct skoop_tcpretrans_event *retrans)
{
	struct skoop_tcpretrans_event *event;

	count(retrans);
	if (!events_wanted)
		return 0;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return 0;
	*event = *retrans;
	event_submit(event);
	return 0;
}

static __always_inline __u32 kind_of(struct tcp_skb_cb *control, __u8 congestion, __u8 pending)
{
	__u64 flags = BPF_CORE_READ_BITFIELD_PROBED(control, tcp_flags);

	if (flags & TCP_FLAG_SYN)
		return flags & TCP_FLAG_ACK ? SKOOP_RETRANS_SYN_ACK : SKOOP_RETRANS_SYN;
	/* the timer that has run out is set to none before, while acknowledgements find it set anew */
	if (congestion == TCP_CA_LOSS)
		return pending ? SKOOP_RETRANS_SLOW_START : SKOOP_RETRANS_TIMEOUT;
	if (congestion == TCP_CA_RECOVERY)
		return SKOOP_RETRANS_FAST;
	return pending == ICSK_TIME_LOSS_PROBE ? SKOOP_RETRANS_TAIL_PROBE : SKOOP_RETRANS_OTHER;
}

static __always_inline int sent_again(unsigned long long *arguments, bool typed)
{
	struct sock *sk = (void *)arguments[0];
	struct sk_buff *skb = (void *)arguments[1];
	struct tcp_sock___path *tcp = (void *)tcp_of_sock(sk, typed);
	struct tcp_skb_cb *control = (void *)skb + bpf_core_field_offset(struct sk_buff___cb, cb);
	struct skoop_tcpretrans_event retrans = {};

	if (bpf_core_type_exists(btf_trace_tcp_retransmit_skb___error) && (int)arguments[2])
		return 0;
	if (!tcp)
		return 0;
	retrans.event.time = bpf_ktime_get_ns();
	retrans.event.netns = netns_of_sock(sk, typed);
	tuple_of_sock(&retrans.event.tuple, sk, typed);
	tuple_unmap(&retrans.event.tuple);
	retrans.congestion = typed ? BPF_CORE_READ_BITFIELD(tcp, inet_conn.icsk_ca_state)
				   : BPF_CORE_READ_BITFIELD_PROBED(tcp, inet_conn.icsk_ca_state);
	retrans.event.kind =
		kind_of(control, retrans.congestion, READ(typed, tcp, inet_conn.icsk_pending));
	retrans.segments = BPF_CORE_READ(control, tcp_gso_segs);
	retrans.bytes = READ(typed, skb, len);
	retrans.rtt = READ(typed, tcp, srtt_us) >> 3;
	retrans.window = READ(typed, tcp, snd_cwnd);
	retrans.attempts = READ(typed, tcp, inet_conn.icsk_retransmits);
	retrans.state = READ(typed, sk, __sk_common.skc_state);
	return report(arguments, &retrans);
}

static __always_inline int synack_sent_again(unsigned long long *arguments, bool typed)
{
	struct request_sock *request = (void *)arguments[1];
	struct skoop_tcpretrans_event retrans = {
		.event.time = bpf_ktime_get_ns(),
		.event.netns = netns_of_sock((void *)arguments[0], typed),
		.event.kind = SKOOP_RETRANS_SYN_ACK,
		.segments = 1,
		.state = TCP_SYN_RECV,
	};

	tuple_of_common(&retrans.event.tuple, &request->__req_common, typed);
	tuple_unmap(&retrans.event.tuple);
	retrans.event.tuple.protocol = IPPROTO_TCP;
	retrans.attempts = BPF_CORE_READ_BITFIELD_PROBED(request, num_timeout);
	return report(arguments, &retrans);
}

SEC("tp_btf/tcp_retransmit_skb")
int on_retransmit(unsigned long long *arguments)
{
	return sent_again(arguments, true);
}

SEC("raw_tp/tcp_retransmit_skb")
int on_raw_retransmit(unsigned long long *arguments)
{
	return sent_again(arguments, false);
}

SEC("tp_btf/tcp_retransmit_synack")
int on_synack(unsigned long long *arguments)
{
	return synack_sent_again(arguments, true);
}

SEC("raw_tp/tcp_retransmit_synack")
int on_raw_synack(unsigned long long *arguments)
{
	return synack_sent_again(arguments, false);
}
