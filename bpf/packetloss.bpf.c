/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets that the kernel dropped: counted per namespace, reason and place, and per pair of addresses; one by one as
 * events.
 *
 * Hook: tracepoint skb:kfree_skb, since 5.17 with a reason, since 6.11 with the receiving socket. Why this one: every
 * drop passes it, and where a packet is freed as usual, consume_skb is called instead, mostly: user space says which
 * reasons and places are ordinary all the same. As tp_btf, or where the kernel has no type information of its own, as
 * raw_tp.
 */
#include <skoop/abi/packetloss.h>
#include <skoop/events.h>
#include <skoop/losses.h>
#include <skoop/rows.h>

SKOOP_LICENSE;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct skoop_drop_key);
	__type(value, struct skoop_drop_count);
} drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct skoop_drop_pair);
	__type(value, struct skoop_drop_pair_count);
} pairs SEC(".maps");

__u64 drops_full;
__u64 pairs_full;

static const struct skoop_drop_count no_drops;
static const struct skoop_drop_pair_count no_pairs;

static __always_inline void count_drop(__u32 netns, __u32 reason, __u64 location, __u64 now)
{
	struct skoop_drop_key key = {.netns = netns, .reason = reason, .location = location};
	struct skoop_drop_count *drop = row_of(&drops, &key, &no_drops, &drops_full);

	if (!drop)
		return;
	__sync_fetch_and_add(&drop->packets, 1);
	drop->last = now;
}

static __always_inline void count_pair(__u32 netns, struct skoop_tuple *tuple, bool netfilter,
				       __u64 now)
{
	struct skoop_drop_pair key = {
		.netns = netns,
		.family = tuple->family,
		.protocol = named_protocol(tuple->protocol),
	};
	struct skoop_drop_pair_count *pair;

	__builtin_memcpy(key.source, tuple->source, 16);
	__builtin_memcpy(key.destination, tuple->destination, 16);
	pair = row_of(&pairs, &key, &no_pairs, &pairs_full);
	if (!pair)
		return;
	__sync_fetch_and_add(&pair->packets, 1);
	if (netfilter)
		__sync_fetch_and_add(&pair->netfilter, 1);
	pair->last = now;
}

static __always_inline int dropped(unsigned long long *arguments, bool typed)
{
	struct skoop_packetloss_event *event;
	__u64 now = bpf_ktime_get_ns();
	struct loss loss = {};
	__u32 netns;

	if (!loss_of(&loss, arguments, typed))
		return 0;
	netns = netns_of_dropped(loss.skb, loss.receiver, typed);
	count_drop(netns, loss.reason, loss.location, now);
	count_pair(netns, &loss.tuple, loss.meaning == SKOOP_DROP_NETFILTER, now);
	if (!events_wanted)
		return 0;
	event = event_reserve(arguments, sizeof(*event));
	if (!event)
		return 0;
	event->event.time = now;
	event->event.netns = netns;
	event->event.tuple = loss.tuple;
	event->location = loss.location;
	event->reason = loss.reason;
	event_submit(event);
	return 0;
}

SEC("tp_btf/kfree_skb")
int on_kfree_skb(unsigned long long *arguments)
{
	return dropped(arguments, true);
}

SEC("raw_tp/kfree_skb")
int on_raw_kfree_skb(unsigned long long *arguments)
{
	return dropped(arguments, false);
}
