/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_TCPRESET_H
#define SKOOP_ABI_TCPRESET_H

#include <skoop/abi/event.h>

/* What led to a reset; kind of the event. */
enum skoop_reset_kind {
	SKOOP_RESET_NO_SOCKET, /* sent: a segment came for which there is no socket */
	SKOOP_RESET_PROCESS,   /* sent: a segment came that the socket cannot accept */
	SKOOP_RESET_ACTIVE,    /* sent: this side ends the connection */
	SKOOP_RESET_RECEIVE,   /* received */
};

/* No enumerator of enum sk_rst_reason: the kernel gives no reason. */
enum {
	SKOOP_RESET_NO_REASON = 0xFFFF,
};

/* One reset; the own end is the source. */
struct skoop_tcpreset_event {
	struct skoop_event event;
	__u32 reason; /* enum sk_rst_reason, since 6.10 */
	__u32 state;  /* of the socket (include/net/tcp_states.h); 0 where there is none */
};

struct skoop_reset_key {
	__u32 netns;
	__u16 kind;
	__u16 reason;
};

struct skoop_reset_count {
	__u64 packets;
	__u64 last; /* when, ns of CLOCK_MONOTONIC */
};

#endif
