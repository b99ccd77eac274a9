/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_PACKETLOSS_H
#define SKOOP_ABI_PACKETLOSS_H

#include <skoop/abi/event.h>

/* One dropped packet. */
struct skoop_packetloss_event {
	struct skoop_event event;
	__u64 location; /* address in the function that dropped it */
	__u32 reason;	/* enum skb_drop_reason with the subsystem's number above; 0 before 5.17 */
	__u32 reserved;
};

#endif
