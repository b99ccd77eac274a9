/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_PACKETLOSS_H
#define SKOOP_ABI_PACKETLOSS_H

#include <skoop/abi/event.h>

/* One dropped packet. */
struct skoop_packetloss_event {
	struct skoop_event event;
	__u64 location; /* address in the function that dropped it */
	__u32 reason;	/* enum skb_drop_reason with the subsystem's number above; 0 before 5.17 */
	__u32 reserved;
};

/* What a drop reason means for the count of losses. */
enum skoop_drop_meaning {
	SKOOP_DROP_LOSS,
	SKOOP_DROP_ORDINARY,	/* the packet was used up or not meant for anybody here */
	SKOOP_DROP_NETFILTER,	/* a loss by netfilter */
	SKOOP_DROP_UNSPECIFIED, /* the place in the kernel decides */
	SKOOP_DROP_UNWANTED, /* a loss, except of what is sent to many and of ICMP, whose copies went to raw sockets */
};

/* What it means that a function drops a packet without a reason. */
enum skoop_place_meaning {
	SKOOP_PLACE_ORDINARY,
	SKOOP_PLACE_NETFILTER,
	SKOOP_PLACE_TCP_RECEIVE, /* a loss where the segment opens a connection; the others end closed ones */
};

/* A function of the kernel. */
struct skoop_place {
	__u64 start;
	__u64 end; /* the first address after it */
	__u32 meaning;
	__u32 reserved;
};

enum {
	SKOOP_DROP_REASONS = 256, /* of the kernel's core, more than there are */
	SKOOP_PLACES = 48,
};

/* Losses of one namespace by reason and place. */
struct skoop_drop_key {
	__u32 netns;
	__u32 reason;
	__u64 location;
};

struct skoop_drop_count {
	__u64 packets;
	__u64 last; /* when, ns of CLOCK_MONOTONIC */
};

/* Losses of one namespace between two addresses. */
struct skoop_drop_pair {
	__u8 source[16];
	__u8 destination[16];
	__u32 netns;
	__u8 family;
	__u8 protocol; /* TCP, UDP, ICMP, ICMPv6, otherwise 0 */
	__u8 reserved[2];
} __attribute__((aligned(8))); /* so that addresses are copied by words */

struct skoop_drop_pair_count {
	__u64 packets;
	__u64 netfilter; /* of them, those by netfilter */
	__u64 last;	 /* when, ns of CLOCK_MONOTONIC */
};

#endif
