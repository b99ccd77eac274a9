/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP resets, sent and received.
 *
 * Hooks: tracepoints tcp:tcp_send_reset and tcp:tcp_receive_reset, since 4.15, as tp_btf, or where the kernel has no type
 * information of its own, as raw_tp. Why these: every reset that TCP sends or obeys passes them. Since 6.10 the first one
 * has the reason, and is there also where no socket is; before, the entry of tcp_v4_send_reset and tcp_v6_send_reset
 * (fentry, else kprobe) sees the latter. Resets that netfilter sends pass neither, but where they are received.
 */
#include <skoop/abi/tcpreset.h>
#include <skoop/events.h>
#include <skoop/kprobe.h>
#include <skoop/packet.h>
#include <skoop/rows.h>

SKOOP_LICENSE;

#define TCP_RST 0x04

enum sk_rst_reason {
	SK_RST_REASON_UNUSED,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sock___lock {
	struct {
		int owned;
	} sk_lock;
};

#pragma clang attribute pop

/* The tracepoint as kernels have it since 6.10: looked for by the number of its arguments. */
typedef void (*btf_trace_tcp_send_reset___reason)(void *, const struct sock *,
						  const struct sk_buff *, const enum sk_rst_reason);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct skoop_reset_key);
	__type(value, struct skoop_reset_count);
} resets SEC(".maps");

__u64 resets_full;

static const struct skoop_reset_count no_resets;

static __always_inline void count_reset(__u32 netns, __u16 kind, __u16 reason, __u64 now)
{
	struct skoop_reset_key key = {.netns = netns, .kind = kind, .reason = reason};
	struct skoop_reset_count *row = row_of(&resets, &key, &no_resets, &resets_full);

	if (!row)
		return;
	__sync_fetch_and_add(&row->packets, 1);
	row->last = now;
}

/* Whether a process is inside a call on the socket, and not the kernel at its own pace. */
static __always_inline bool is_called(struct sock *sk, bool typed)
{
	struct sock___lock *socket = (void *)sk;

	return READ(typed, socket, sk_lock.owned);
}

/* A reset: of a connection, or the answer to a segment, or both. */
static __always_inline int reset(void *context, struct sock *sk, struct sk_buff *skb, __u32 kind,
				 __u32 reason, bool typed)
{
	/* where there is no segment ever, old verifiers must not see one read */
	__u32 netns = skb && !sk ? netns_of_packet(skb, typed) : netns_of_sock(sk, typed);
	struct skoop_tcpreset_event *event;
	__u64 now = bpf_ktime_get_ns();

	count_reset(netns, kind, reason, now);
	if (!events_wanted)
		return 0;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return 0;
	event->event.time = now;
	event->event.netns = netns;
	event->event.kind = kind;
	event->reason = reason;
	if (sk)
		event->state = READ(typed, sk, __sk_common.skc_state);
	if (skb) {
		/* a listening socket has no other end, but the segment has */
		tuple_of_packet(&event->event.tuple, skb, typed);
		tuple_reverse(&event->event.tuple);
	} else {
		tuple_of_sock(&event->event.tuple, sk, typed);
		tuple_unmap(&event->event.tuple);
	}
	if (kind == SKOOP_RESET_ACTIVE && is_called(sk, typed))
		event_task(&event->event);
	event_submit(event);
	return 0;
}

static __always_inline int sent(unsigned long long *arguments, bool typed)
{
	bool has_reason = bpf_core_type_exists(btf_trace_tcp_send_reset___reason);
	__u32 reason = has_reason ? arguments[2] : SKOOP_RESET_NO_REASON;
	struct sk_buff *skb = (void *)arguments[1];
	struct sock *sk = (void *)arguments[0];
	__u32 kind = !sk ? SKOOP_RESET_NO_SOCKET : skb ? SKOOP_RESET_PROCESS : SKOOP_RESET_ACTIVE;

	if (!sk && !skb)
		return 0;
	return reset(arguments, sk, skb, kind, reason, typed);
}

SEC("tp_btf/tcp_send_reset")
int on_send(unsigned long long *arguments)
{
	return sent(arguments, true);
}

SEC("raw_tp/tcp_send_reset")
int on_raw_send(unsigned long long *arguments)
{
	return sent(arguments, false);
}

SEC("tp_btf/tcp_receive_reset")
int on_receive(unsigned long long *arguments)
{
	return reset(arguments, (void *)arguments[0], NULL, SKOOP_RESET_RECEIVE,
		     SKOOP_RESET_NO_REASON, true);
}

SEC("raw_tp/tcp_receive_reset")
int on_raw_receive(unsigned long long *arguments)
{
	return reset(arguments, (void *)arguments[0], NULL, SKOOP_RESET_RECEIVE,
		     SKOOP_RESET_NO_REASON, false);
}

/* Before 6.10: of what these functions are called for, the tracepoint has only what full sockets are there for. */
static __always_inline int sent_without_socket(void *context, struct sock *sk, struct sk_buff *skb,
					       bool typed)
{
	struct skoop_tuple tuple = {};
	__u8 flags = 0, state;
	void *transport;

	state = sk ? READ(typed, sk, __sk_common.skc_state) : 0;
	if (sk && state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV)
		return 0;
	transport = tuple_of_packet(&tuple, skb, typed);
	if (transport)
		bpf_probe_read_kernel(&flags, sizeof(flags), transport + 13);
	/* a reset is never answered */
	if (!transport || flags & TCP_RST)
		return 0;
	return reset(context, sk, skb, sk ? SKOOP_RESET_PROCESS : SKOOP_RESET_NO_SOCKET,
		     SKOOP_RESET_NO_REASON, typed);
}

SEC("fentry/tcp_v4_send_reset")
int on_entry_v4(unsigned long long *arguments)
{
	return sent_without_socket(arguments, (void *)arguments[0], (void *)arguments[1], true);
}

SEC("fentry/tcp_v6_send_reset")
int on_entry_v6(unsigned long long *arguments)
{
	return sent_without_socket(arguments, (void *)arguments[0], (void *)arguments[1], true);
}

SEC("kprobe/tcp_v4_send_reset")
int on_kprobe_v4(struct pt_regs *registers)
{
	return sent_without_socket(registers, (void *)PT_REGS_PARM1(registers),
				   (void *)PT_REGS_PARM2(registers), false);
}

SEC("kprobe/tcp_v6_send_reset")
int on_kprobe_v6(struct pt_regs *registers)
{
	return sent_without_socket(registers, (void *)PT_REGS_PARM1(registers),
				   (void *)PT_REGS_PARM2(registers), false);
}
