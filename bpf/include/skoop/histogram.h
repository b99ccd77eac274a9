/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counting latencies per namespace and kind in the kernel: log2 slots of microseconds. */
#ifndef SKOOP_HISTOGRAM_H
#define SKOOP_HISTOGRAM_H

#include <skoop/abi/histogram.h>
#include <skoop/core.h>

/*
 * Before including this, define HISTOGRAM_GROUPS where several histograms of a namespace are added to at once, or
 * HISTOGRAM_KINDS, the number of kinds, where all are the node's and no program that adds interrupts another on its CPU.
 */
#ifdef HISTOGRAM_GROUPS
typedef struct skoop_histogram_group histograms_value;
#else
typedef struct skoop_histogram histograms_value;
#endif

__u64 histograms_full;

#ifdef HISTOGRAM_KINDS
#define histogram_increase(what, by) (*(what) += (by))

/* Without hashing and locked instructions, for what runs some ten thousand times a second. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HISTOGRAM_KINDS);
	__type(key, __u32);
	__type(value, histograms_value);
} histograms SEC(".maps");
#else
/* softirqs interrupt tasks on the same CPU: not plain increments */
#define histogram_increase(what, by) __sync_fetch_and_add(what, by)

/* User space sets the room: namespaces by kinds. What finds none is counted in histograms_full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct skoop_histogram_key);
	__type(value, histograms_value);
} histograms SEC(".maps");
#endif

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

#ifndef HISTOGRAM_KINDS
static const histograms_value empty_histogram;

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
#endif

/* Adds one latency in nanoseconds. */
static __always_inline void histogram_count(struct skoop_histogram *histogram, __u64 ns)
{
	histogram_increase(&histogram->slots[slot_of(ns)], 1);
	histogram_increase(&histogram->sum, ns);
	if (ns <= 1000000)
		return;
	histogram_increase(&histogram->over_1ms, 1);
	if (ns > 10000000)
		histogram_increase(&histogram->over_10ms, 1);
	if (ns > 100000000)
		histogram_increase(&histogram->over_100ms, 1);
}

#ifdef HISTOGRAM_KINDS
static __always_inline void histogram_add(__u32 kind, __u64 ns)
{
	struct skoop_histogram *histogram = bpf_map_lookup_elem(&histograms, &kind);

	if (histogram)
		histogram_count(histogram, ns);
}
#elif !defined(HISTOGRAM_GROUPS)
static __always_inline void histogram_add(__u32 netns, __u32 kind, __u64 ns)
{
	struct skoop_histogram *histogram = histograms_of(netns, kind);

	if (histogram)
		histogram_count(histogram, ns);
}
#endif

#endif
