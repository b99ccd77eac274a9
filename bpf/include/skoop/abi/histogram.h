/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Latencies as kernel programs count them. */
#ifndef SKOOP_ABI_HISTOGRAM_H
#define SKOOP_ABI_HISTOGRAM_H

#ifdef __bpf__
#include <skoop/kernel.h>
#else
#include <linux/types.h>
#endif

/* Slot n counts latencies from 2^n us to less than 2^(n+1) us; the first also what is shorter, the last what is longer. */
enum {
	SKOOP_SLOTS = 27,
};

/* Histograms of a group; see below. */
enum {
	SKOOP_HISTOGRAM_GROUP = 8,
};

struct skoop_histogram_key {
	__u32 netns; /* inode of the network namespace; 0 for the node as such */
	__u32 kind; /* stage, direction, vector: what the probe tells apart; of a group, that of its first / 8 */
};

struct skoop_histogram {
	__u64 slots[SKOOP_SLOTS];
	__u64 sum; /* ns */
	__u64 over_1ms;
	__u64 over_10ms;
	__u64 over_100ms;
};

/* What a program adds to at once, so that it looks for it once. */
struct skoop_histogram_group {
	struct skoop_histogram kinds[SKOOP_HISTOGRAM_GROUP];
};

#endif
