/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_TASKLATENCY_H
#define SKOOP_ABI_TASKLATENCY_H

#include <skoop/abi/event.h>

/* What a task waited for a CPU after: the kinds of the histograms. */
enum skoop_task_wait {
	SKOOP_TASK_WOKEN,     /* something it slept for had happened */
	SKOOP_TASK_PREEMPTED, /* it was taken off its CPU while it could have run on */
};

/* One long wait; the process is the one that waited. */
struct skoop_tasklatency_event {
	struct skoop_event event;
	__u64 latency; /* ns */
	__u32 cpu;
	__u32 reserved;
};

#endif
