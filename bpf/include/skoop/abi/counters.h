/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters as kernel programs keep them. */
#ifndef SKOOP_ABI_COUNTERS_H
#define SKOOP_ABI_COUNTERS_H

#ifdef __bpf__
#include <skoop/kernel.h>
#else
#include <linux/types.h>
#endif

/* The value is 64 bits wide, one per CPU. */
struct skoop_counter_key {
	__u32 netns; /* inode of the network namespace; 0 for the node as such */
	__u32 kind;  /* result, code: what the probe tells apart */
};

#endif
