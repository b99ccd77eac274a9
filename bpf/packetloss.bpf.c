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
#include <skoop/packet.h>
#include <skoop/rows.h>

SKOOP_LICENSE;

#define ETH_P_IP   0x0800
#define ETH_P_IPV6 0x86DD
#define TCP_SYN	   0x02

/* include/uapi/linux/if_packet.h */
#define PACKET_BROADCAST 1
#define PACKET_OTHERHOST 3

/* The lowest number that a namespace has: that of the initial one (include/linux/proc_ns.h). */
#define FIRST_INUM 0xEFFFFFF0U

enum skb_drop_reason {
	SKB_DROP_REASON_UNUSED,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct dst_entry {
	struct net_device *dev;
};

struct sk_buff___more {
	unsigned long _skb_refdst;
	__u8 pkt_type : 3;
};

#pragma clang attribute pop

/* The tracepoint as kernels have it since 5.17 and since 6.11: looked for by the number of its arguments. */
typedef void (*btf_trace_kfree_skb___reason)(void *, struct sk_buff *, void *,
					     enum skb_drop_reason);
typedef void (*btf_trace_kfree_skb___receiver)(void *, struct sk_buff *, void *,
					       enum skb_drop_reason, struct sock *);

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

/* enum skoop_drop_meaning of each reason of the core */
const volatile __u8 meanings[SKOOP_DROP_REASONS];
/* Functions whose drops without a reason have a meaning of their own. */
const volatile struct skoop_place places[SKOOP_PLACES];
const volatile __u32 places_count;

static const struct skoop_drop_count no_drops;
static const struct skoop_drop_pair_count no_pairs;

static __always_inline __u32 valid_inum(__u32 inum)
{
	return inum >= FIRST_INUM ? inum : 0;
}

/*
 * The namespace a packet was in. Once a packet is in a socket's queue its device is no more, and other things stand in
 * that place; hence the socket first.
 */
static __always_inline __u32 netns_of_dropped(struct sk_buff *skb, struct sock *receiver)
{
	struct net_device *device = BPF_CORE_READ(skb, dev);
	struct sk_buff___more *head = (void *)skb;
	struct sock *sk = BPF_CORE_READ(skb, sk);
	struct dst_entry *dst;
	__u32 inum = 0;

	if (receiver)
		return netns_of_sock(receiver);
	if (device)
		inum = valid_inum(netns_of_device(device));
	if (inum)
		return inum;
	if (sk)
		return netns_of_sock(sk);
	dst = (void *)(BPF_CORE_READ(head, _skb_refdst) & ~7UL);
	device = dst ? BPF_CORE_READ(dst, dev) : NULL;
	return device ? valid_inum(netns_of_device(device)) : 0;
}

/* The ends of an IP packet; family stays 0 where it is none. Returns the transport header or NULL. */
static __always_inline void *ends_of_dropped(struct skoop_tuple *tuple, struct sk_buff *skb)
{
	void *header = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u16 protocol = BPF_CORE_READ(skb, protocol);

	/* messages of other families have no network header, and what is read there is not one */
	if (protocol == bpf_htons(ETH_P_IP) && version_at(header) == 4)
		return tuple_of_ipv4(tuple, header);
	if (protocol == bpf_htons(ETH_P_IPV6) && version_at(header) == 6)
		return tuple_of_ipv6(tuple, header);
	return NULL;
}

/* Broadcast, multicast, or another host's: that nobody here wants it says nothing. */
static __always_inline bool is_for_many(struct sk_buff *skb)
{
	struct sk_buff___more *head = (void *)skb;
	__u64 type = BPF_CORE_READ_BITFIELD_PROBED(head, pkt_type);

	return type >= PACKET_BROADCAST && type <= PACKET_OTHERHOST;
}

static __always_inline bool is_icmp(struct skoop_tuple *tuple)
{
	return tuple->protocol == IPPROTO_ICMP || tuple->protocol == IPPROTO_ICMPV6;
}

static __always_inline bool opens_connection(struct skoop_tuple *tuple, void *transport)
{
	__u8 flags = 0;

	if (transport)
		bpf_probe_read_kernel(&flags, sizeof(flags), transport + 13);
	return tuple->protocol == IPPROTO_TCP && flags & TCP_SYN;
}

/* enum skoop_drop_meaning of a drop without a reason */
static __always_inline __u32 meaning_at(__u64 location, struct skoop_tuple *tuple, void *transport)
{
	for (__u32 index = 0; index < SKOOP_PLACES && index < places_count; index++) {
		if (location < places[index].start || location >= places[index].end)
			continue;
		switch (places[index].meaning) {
		case SKOOP_PLACE_NETFILTER:
			return SKOOP_DROP_NETFILTER;
		case SKOOP_PLACE_TCP_RECEIVE:
			return opens_connection(tuple, transport) ? SKOOP_DROP_LOSS
								  : SKOOP_DROP_ORDINARY;
		}
		return SKOOP_DROP_ORDINARY;
	}
	return SKOOP_DROP_LOSS;
}

static __always_inline void count_drop(__u32 netns, __u32 reason, __u64 location, __u64 now)
{
	struct skoop_drop_key key = {.netns = netns, .reason = reason, .location = location};
	struct skoop_drop_count *drop = row_of(&drops, &key, &no_drops, &drops_full);

	if (!drop)
		return;
	__sync_fetch_and_add(&drop->packets, 1);
	drop->last = now;
}

/* Protocols that have no name in the labels have one row. */
static __always_inline __u8 named_protocol(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP ||
			       protocol == IPPROTO_ICMPV6
		       ? protocol
		       : 0;
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

static __always_inline int dropped(void *context, struct sk_buff *skb, __u64 location,
				   bool has_reason, __u32 reason, struct sock *receiver)
{
	struct skoop_packetloss_event *event;
	__u32 meaning = SKOOP_DROP_LOSS, netns;
	struct skoop_tuple tuple = {};
	void *transport;
	__u64 now;

	if (!has_reason)
		meaning = SKOOP_DROP_UNSPECIFIED;
	else if (reason < SKOOP_DROP_REASONS)
		meaning = meanings[reason];
	if (meaning == SKOOP_DROP_ORDINARY)
		return 0;
	transport = ends_of_dropped(&tuple, skb);
	if (!tuple.family)
		return 0;
	if (meaning == SKOOP_DROP_UNSPECIFIED) {
		meaning = meaning_at(location, &tuple, transport);
		if (meaning == SKOOP_DROP_LOSS && is_for_many(skb))
			meaning = SKOOP_DROP_ORDINARY;
	} else if (meaning == SKOOP_DROP_UNWANTED && (is_icmp(&tuple) || is_for_many(skb))) {
		meaning = SKOOP_DROP_ORDINARY;
	}
	if (meaning == SKOOP_DROP_ORDINARY)
		return 0;

	now = bpf_ktime_get_ns();
	netns = netns_of_dropped(skb, receiver);
	count_drop(netns, reason, location, now);
	count_pair(netns, &tuple, meaning == SKOOP_DROP_NETFILTER, now);
	if (!events_wanted)
		return 0;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return 0;
	event->event.time = now;
	event->event.netns = netns;
	event->event.tuple = tuple;
	event->location = location;
	event->reason = reason;
	event_submit(event);
	return 0;
}

/* What the running kernel's tracepoint lacks must not be read: the verifier knows how many arguments there are. */
static __always_inline int dropped_by(unsigned long long *arguments)
{
	bool has_receiver = bpf_core_type_exists(btf_trace_kfree_skb___receiver);
	bool has_reason = has_receiver || bpf_core_type_exists(btf_trace_kfree_skb___reason);

	return dropped(arguments, (void *)arguments[0], arguments[1], has_reason,
		       has_reason ? arguments[2] : 0, has_receiver ? (void *)arguments[3] : NULL);
}

SEC("tp_btf/kfree_skb")
int on_kfree_skb(unsigned long long *arguments)
{
	return dropped_by(arguments);
}

SEC("raw_tp/kfree_skb")
int on_raw_kfree_skb(unsigned long long *arguments)
{
	return dropped_by(arguments);
}
