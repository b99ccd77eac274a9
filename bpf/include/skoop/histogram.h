/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counting latencies per namespace and kind in the kernel: log2 slots of microseconds. */
#ifndef SKOOP_HISTOGRAM_H
#define SKOOP_HISTOGRAM_H

#include <skoop/abi/histogram.h>
#include <skoop/core.h>

/* User space sets the room: namespaces by kinds. What finds none is counted in histograms_full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct skoop_histogram_key);
	__type(value, struct skoop_histogram);
} histograms SEC(".maps");

__u64 histograms_full;

static const struct skoop_histogram empty_histogram;

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

/* Adds one latency in nanoseconds. */
static __always_inline void histogram_add(__u32 netns, __u32 kind, __u64 ns)
{
	struct skoop_histogram_key key = {.netns = netns, .kind = kind};
	struct skoop_histogram *histogram = bpf_map_lookup_elem(&histograms, &key);
	__u32 slot;

	if (!histogram) {
		bpf_map_update_elem(&histograms, &key, &empty_histogram, BPF_NOEXIST);
		histogram = bpf_map_lookup_elem(&histograms, &key);
		if (!histogram) {
			__sync_fetch_and_add(&histograms_full, 1);
			return;
		}
	}
	slot = log2_of(ns / 1000);
	if (slot >= SKOOP_SLOTS)
		slot = SKOOP_SLOTS - 1;
	/* softirqs interrupt tasks on the same CPU: not plain increments */
	__sync_fetch_and_add(&histogram->slots[slot], 1);
	__sync_fetch_and_add(&histogram->sum, ns);
	if (ns <= 1000000)
		return;
	__sync_fetch_and_add(&histogram->over_1ms, 1);
	if (ns > 10000000)
		__sync_fetch_and_add(&histogram->over_10ms, 1);
	if (ns > 100000000)
		__sync_fetch_and_add(&histogram->over_100ms, 1);
}

#endif
