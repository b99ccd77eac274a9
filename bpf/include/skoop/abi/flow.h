/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_FLOW_H
#define SKOOP_ABI_FLOW_H

#include <skoop/abi/event.h>

enum skoop_flow_direction {
	SKOOP_FLOW_EGRESS,  /* sent by the namespace */
	SKOOP_FLOW_INGRESS, /* received by it */
};

/* Packets between two ends, as one namespace sees them pass its outer devices. */
struct skoop_flow_key {
	struct skoop_tuple tuple;
	__u32 netns;
	__u32 direction;
};

struct skoop_flow {
	__u64 bytes;
	__u64 packets;
	__u64 drops;
	__u64 retransmits;
	__u64 last; /* ns, CLOCK_MONOTONIC: when one of them changed */
};

/* A device; numbers are unique within a namespace only. */
struct skoop_flow_device {
	__u32 netns;
	__u32 index;
};

enum {
	SKOOP_DEVICE_NAME = 16,
};

#endif
