/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_NETIFTXLAT_H
#define SKOOP_ABI_NETIFTXLAT_H

#include <skoop/abi/event.h>

/* Where a packet to be sent was: the kind of the histogram and of the event. */
enum skoop_netiftxlat_stage {
	SKOOP_NETIFTXLAT_QDISC,
	SKOOP_NETIFTXLAT_DRIVER,
	SKOOP_NETIFTXLAT_STAGES,
};

/* A packet that was slow on its way out of the host. */
struct skoop_netiftxlat_event {
	struct skoop_event event;
	__u64 latency; /* ns */
	__u32 device;  /* index */
	__u32 length;  /* bytes */
};

#endif
