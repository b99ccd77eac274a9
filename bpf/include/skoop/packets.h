/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Remembering something of packets on their way through the kernel, by the address of their sk_buff.
 *
 * Not a hash map, whose insertion and removal take a lock and a free list each, but buckets of four places: a quarter of
 * the cost. Nothing leaks: a packet that left the path unseen keeps its place until another of the same address or a
 * younger one in the same bucket takes it. Where a place is taken from a packet that may still be under way, that is
 * counted in packets_displaced.
 *
 * Two CPUs that fill one bucket at the same instant may take the same place; the packet that was there first is then not
 * found any more.
 *
 * Before including this, define PACKET_BUCKETS_LOG and struct packet, which begins with two members:
 *	__u64 skb;	the key: key_of(skb)
 *	__u64 since;	ns; 0 where the rest is of no use any more
 */
#ifndef SKOOP_PACKETS_H
#define SKOOP_PACKETS_H

#include <skoop/core.h>

#define PACKET_PLACES 4
/* Longer than packets wait anywhere: who took his place from a packet as old as this took it from none. */
#define PACKET_LIFETIME 60000000000ULL

struct packet_bucket {
	struct packet places[PACKET_PLACES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << PACKET_BUCKETS_LOG);
	__type(key, __u32);
	__type(value, struct packet_bucket);
} packets SEC(".maps");

__u64 packets_displaced;

static __u64 packet_anchor;

/*
 * The address of an sk_buff as a number, from a pointer whose type the verifier knows and which it lets nobody calculate
 * with, except for its distance to another pointer.
 */
static __always_inline __u64 key_of_typed(const void *skb)
{
	__u64 anchor = *(volatile __u64 *)&packet_anchor;

	if (!anchor) {
		*(void *volatile *)&packet_anchor = &packet_anchor;
		anchor = *(volatile __u64 *)&packet_anchor;
	}
	return (__u64)skb - (__u64)&packet_anchor + anchor;
}

static __always_inline struct packet_bucket *bucket_of(__u64 skb)
{
	__u32 index = skb * 0x9e3779b97f4a7c15ULL >> (64 - PACKET_BUCKETS_LOG);

	return bpf_map_lookup_elem(&packets, &index);
}

/* What is remembered of a packet; NULL where it is nothing. */
static __always_inline struct packet *packet_find(__u64 skb)
{
	struct packet_bucket *bucket = bucket_of(skb);

	if (!bucket)
		return NULL;
#pragma unroll
	for (int place = 0; place < PACKET_PLACES; place++)
		if (bucket->places[place].skb == skb)
			return &bucket->places[place];
	return NULL;
}

static __always_inline void packet_forget(__u64 skb)
{
	struct packet *packet = packet_find(skb);

	if (packet)
		packet->skb = 0;
}

/* A place for a packet that begins its way now; the members after the first two hold anything. */
static __always_inline struct packet *packet_begin(__u64 skb, __u64 now)
{
	struct packet_bucket *bucket = bucket_of(skb);
	struct packet *packet, *taken;

	if (!bucket)
		return NULL;
	packet = &bucket->places[0];
#pragma unroll
	for (int place = 0; place < PACKET_PLACES; place++) {
		taken = &bucket->places[place];
		if (taken->skb == skb) {
			packet = taken;
			goto found;
		}
		/* the place longest taken, best of all one that is not */
		if (packet->skb && (!taken->skb || taken->since < packet->since))
			packet = taken;
	}
	if (packet->skb && packet->since && now - packet->since < PACKET_LIFETIME)
		__sync_fetch_and_add(&packets_displaced, 1);
found:
	packet->since = now;
	packet->skb = skb;
	return packet;
}

#endif
