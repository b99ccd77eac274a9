/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_VIRTCMDLATENCY_H
#define SKOOP_ABI_VIRTCMDLATENCY_H

#include <skoop/abi/event.h>

/* One slow command to a virtio network device. */
struct skoop_virtcmdlatency_event {
	struct skoop_event event;
	__u64 latency; /* ns */
	__u32 cpu;
	__u32 class; /* VIRTIO_NET_CTRL_…: what the command is about */
};

#endif
