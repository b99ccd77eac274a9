/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets that the kernel dropped.
 *
 * Hook: tracepoint skb:kfree_skb, since 5.17 with a reason. Why this one: every drop passes it, and where a packet is
 * freed as usual, consume_skb is called instead. As tp_btf, or where the kernel has no BTF trampoline, as raw_tp.
 */
#include <skoop/abi/packetloss.h>
#include <skoop/events.h>
#include <skoop/packet.h>

SKOOP_LICENSE;

static __always_inline int dropped(void *context, struct sk_buff *skb, void *location, __u32 reason)
{
	struct skoop_packetloss_event *event;
	struct skoop_tuple tuple = {};

	tuple_of_packet(&tuple, skb);
	if (!tuple.family || !events_wanted)
		return 0;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return 0;
	event->event.time = bpf_ktime_get_ns();
	event->event.netns = netns_of_packet(skb);
	event->event.tuple = tuple;
	event->location = (__u64)location;
	event->reason = reason;
	event_submit(event);
	return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_kfree_skb, struct sk_buff *skb, void *location, __u32 reason)
{
	return dropped(ctx, skb, location, reason);
}
