/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_BIOLATENCY_H
#define SKOOP_ABI_BIOLATENCY_H

#include <skoop/abi/event.h>

/* What a request does: the kinds of the histograms. */
enum skoop_block_operation {
	SKOOP_BLOCK_READ,
	SKOOP_BLOCK_WRITE,
	SKOOP_BLOCK_FLUSH,
	SKOOP_BLOCK_DISCARD,
	SKOOP_BLOCK_OTHER,
};

enum {
	SKOOP_DISK_NAME = 32,
};

/* One slow block request; the process is the one that started it. */
struct skoop_biolatency_event {
	struct skoop_event event;
	__u64 latency; /* ns */
	__u64 sector;
	__u32 bytes;
	__u32 operation; /* enum skoop_block_operation */
	char disk[SKOOP_DISK_NAME];
};

#endif
