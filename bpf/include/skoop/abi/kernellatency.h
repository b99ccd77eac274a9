/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_KERNELLATENCY_H
#define SKOOP_ABI_KERNELLATENCY_H

#include <skoop/abi/event.h>

/* Which way a packet went through the IP layer. */
enum skoop_kernellatency_direction {
	SKOOP_KERNELLATENCY_RX,	     /* from the device's receive path to local delivery */
	SKOOP_KERNELLATENCY_TX,	     /* from the transport layer to the queue of the device */
	SKOOP_KERNELLATENCY_FORWARD, /* from the receive path to the queue of the other device */
	SKOOP_KERNELLATENCY_DIRECTIONS,
};

/* The parts of the way, named after the netfilter hook that takes the time where there is one. */
enum skoop_kernellatency_stage {
	SKOOP_KERNELLATENCY_PREROUTING,
	SKOOP_KERNELLATENCY_ROUTE,
	SKOOP_KERNELLATENCY_LOCAL_IN,
	SKOOP_KERNELLATENCY_FORWARDED,
	SKOOP_KERNELLATENCY_LOCAL_OUT,
	SKOOP_KERNELLATENCY_POSTROUTING,
	SKOOP_KERNELLATENCY_NEIGHBOUR,
	SKOOP_KERNELLATENCY_STAGES,
	/* the kind of a histogram is direction * 8 + stage, and this for all stages together */
	SKOOP_KERNELLATENCY_TOTAL = SKOOP_KERNELLATENCY_STAGES,
};

/* A packet that was slow; the event's kind is the direction. */
struct skoop_kernellatency_event {
	struct skoop_event event;
	__u64 latency;				  /* ns */
	__u64 stages[SKOOP_KERNELLATENCY_STAGES]; /* ns */
	__u64 seen;				  /* bit n: stage n was seen */
};

#endif
