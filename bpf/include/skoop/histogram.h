/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counting latencies per namespace and kind in the kernel: log2 slots of microseconds. */
#ifndef SKOOP_HISTOGRAM_H
#define SKOOP_HISTOGRAM_H

#include <skoop/abi/histogram.h>
#include <skoop/core.h>

/* Before including this, define HISTOGRAM_GROUPS where several histograms of a namespace are added to at once. */
#ifdef HISTOGRAM_GROUPS
typedef struct skoop_histogram_group histograms_value;
#else
typedef struct skoop_histogram histograms_value;
#endif

/* User space sets the room: namespaces by kinds. What finds none is counted in histograms_full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct skoop_histogram_key);
	__type(value, histograms_value);
} histograms SEC(".maps");

__u64 histograms_full;

static const histograms_value empty_histogram;

static __always_inline __u32 log2_of(__u64 value)
{
	__u32 log = 0;

	if (value >> 32) {
		log += 32;
		value >>= 32;
	}
	if (value >> 16) {
		log += 16;
		value >>= 16;
	}
	if (value >> 8) {
		log += 8;
		value >>= 8;
	}
	if (value >> 4) {
		log += 4;
		value >>= 4;
	}
	if (value >> 2) {
		log += 2;
		value >>= 2;
	}
	return log + (value >> 1);
}

/* The slot of log2(ns / 1000), without the division, which takes as long as all the rest. */
static __always_inline __u64 slot_of(__u64 ns)
{
	/* the power of two at or below ns begins this slot or ends the one before, for 1000 is a bit less than 2^10 */
	__u64 slot = log2_of(ns | 1000) - 9;

	if (slot && ns < 1000ULL << slot)
		slot--;
	/* so that the verifier sees the bound in what is used as the index */
	asm volatile("" : "+r"(slot));
	return slot < SKOOP_SLOTS ? slot : SKOOP_SLOTS - 1;
}

/* What latencies of this kind are added to; NULL where there is no room. */
static __always_inline histograms_value *histograms_of(__u32 netns, __u32 kind)
{
	struct skoop_histogram_key key = {.netns = netns, .kind = kind};
	histograms_value *value = bpf_map_lookup_elem(&histograms, &key);

	if (value)
		return value;
	bpf_map_update_elem(&histograms, &key, &empty_histogram, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&histograms, &key);
	if (!value)
		__sync_fetch_and_add(&histograms_full, 1);
	return value;
}

/* Adds one latency in nanoseconds. */
static __always_inline void histogram_count(struct skoop_histogram *histogram, __u64 ns)
{
	/* softirqs interrupt tasks on the same CPU: not plain increments */
	__sync_fetch_and_add(&histogram->slots[slot_of(ns)], 1);
	__sync_fetch_and_add(&histogram->sum, ns);
	if (ns <= 1000000)
		return;
	__sync_fetch_and_add(&histogram->over_1ms, 1);
	if (ns > 10000000)
		__sync_fetch_and_add(&histogram->over_10ms, 1);
	if (ns > 100000000)
		__sync_fetch_and_add(&histogram->over_100ms, 1);
}

#ifndef HISTOGRAM_GROUPS
static __always_inline void histogram_add(__u32 netns, __u32 kind, __u64 ns)
{
	struct skoop_histogram *histogram = histograms_of(netns, kind);

	if (histogram)
		histogram_count(histogram, ns);
}
#endif

#endif
