/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which of the packets that pass the tracepoint skb:kfree_skb are lost: user space says which reasons and places are
 * ordinary.
 */
#ifndef SKOOP_LOSSES_H
#define SKOOP_LOSSES_H

#include <skoop/abi/packetloss.h>
#include <skoop/core.h>
#include <skoop/packet.h>

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

/* enum skoop_drop_meaning of each reason of the core */
const volatile __u8 meanings[SKOOP_DROP_REASONS];
/* Functions whose drops without a reason have a meaning of their own. */
const volatile struct skoop_place places[SKOOP_PLACES];
const volatile __u32 places_count;

static __always_inline __u32 valid_inum(__u32 inum)
{
	return inum >= FIRST_INUM ? inum : 0;
}

/*
 * The namespace a packet was in. Once a packet is in a socket's queue its device is no more, and other things stand in
 * that place; hence the socket first.
 */
static __always_inline __u32 netns_of_dropped(struct sk_buff *skb, struct sock *receiver,
					      bool typed)
{
	struct net_device *device = READ(typed, skb, dev);
	struct sk_buff___more *head = (void *)skb;
	struct sock *sk = READ(typed, skb, sk);
	struct dst_entry *dst;
	__u32 inum = 0;

	if (receiver)
		return netns_of_sock(receiver, typed);
	if (device)
		inum = valid_inum(netns_of_device(device, typed));
	if (inum)
		return inum;
	if (sk)
		return netns_of_sock(sk, typed);
	dst = (void *)(READ(typed, head, _skb_refdst) & ~7UL);
	device = dst ? BPF_CORE_READ(dst, dev) : NULL;
	return device ? valid_inum(netns_of_device(device, false)) : 0;
}

/* The ends of an IP packet; family stays 0 where it is none. Returns the transport header or NULL. */
static __always_inline void *ends_of_dropped(struct skoop_tuple *tuple, struct sk_buff *skb,
					     bool typed)
{
	__u16 protocol = READ(typed, skb, protocol);
	__u8 family = protocol == bpf_htons(ETH_P_IP)	  ? AF_INET
		      : protocol == bpf_htons(ETH_P_IPV6) ? AF_INET6
							  : 0;
	void *transport;

	/* messages of other families have no network header, and what is read there is not one */
	if (!family)
		return NULL;
	transport = tuple_of_packet(tuple, skb, typed);
	if (tuple->family == family)
		return transport;
	tuple->family = 0;
	return NULL;
}

/* Broadcast, multicast, or another host's: that nobody here wants it says nothing. */
static __always_inline bool is_for_many(struct sk_buff *skb, bool typed)
{
	struct sk_buff___more *head = (void *)skb;
	__u64 type = typed ? BPF_CORE_READ_BITFIELD(head, pkt_type)
			   : BPF_CORE_READ_BITFIELD_PROBED(head, pkt_type);

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

/* A packet that is lost, as the tracepoint shows it. */
struct loss {
	struct sk_buff *skb;
	struct sock *receiver; /* since 6.11 */
	__u64 location;
	__u32 reason; /* 0 before 5.17 */
	__u32 meaning;
	struct skoop_tuple tuple;
};

static __always_inline bool is_loss(struct loss *loss, bool has_reason, bool typed)
{
	void *transport;

	loss->meaning = SKOOP_DROP_LOSS;
	if (!has_reason)
		loss->meaning = SKOOP_DROP_UNSPECIFIED;
	else if (loss->reason < SKOOP_DROP_REASONS)
		loss->meaning = meanings[loss->reason];
	if (loss->meaning == SKOOP_DROP_ORDINARY)
		return false;
	transport = ends_of_dropped(&loss->tuple, loss->skb, typed);
	if (!loss->tuple.family)
		return false;
	if (loss->meaning == SKOOP_DROP_UNSPECIFIED) {
		loss->meaning = meaning_at(loss->location, &loss->tuple, transport);
		return loss->meaning == SKOOP_DROP_NETFILTER ||
		       (loss->meaning == SKOOP_DROP_LOSS && !is_for_many(loss->skb, typed));
	}
	return loss->meaning != SKOOP_DROP_UNWANTED ||
	       (!is_icmp(&loss->tuple) && !is_for_many(loss->skb, typed));
}

/*
 * Takes the arguments of the tracepoint; false where the packet is not lost. What the running kernel's tracepoint lacks
 * must not be read: the verifier knows how many arguments there are.
 */
static __always_inline bool loss_of(struct loss *loss, unsigned long long *arguments, bool typed)
{
	bool has_receiver = bpf_core_type_exists(btf_trace_kfree_skb___receiver);
	bool has_reason = has_receiver || bpf_core_type_exists(btf_trace_kfree_skb___reason);

	loss->skb = (void *)arguments[0];
	loss->location = arguments[1];
	loss->reason = has_reason ? arguments[2] : 0;
	loss->receiver = has_receiver ? (void *)arguments[3] : NULL;
	return is_loss(loss, has_reason, typed);
}

#endif
