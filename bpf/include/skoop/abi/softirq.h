/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_SOFTIRQ_H
#define SKOOP_ABI_SOFTIRQ_H

#include <skoop/abi/event.h>

enum {
	SKOOP_SOFTIRQS = 10, /* NR_SOFTIRQS of include/linux/interrupt.h, unchanged since 2.6.39 */
};

/* Which latency of a softirq: the kind of its histogram is vector * 2 + phase. */
enum skoop_softirq_phase {
	SKOOP_SOFTIRQ_RAISED, /* from raised to running */
	SKOOP_SOFTIRQ_RUN,    /* from the begin to the end of running */
};

/* A softirq that began late or ran long; the event's kind is the phase, its process the one interrupted. */
struct skoop_softirq_event {
	struct skoop_event event;
	__u64 latency; /* ns */
	__u32 cpu;
	__u32 vector;
};

#endif
