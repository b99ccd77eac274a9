/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_SOCKETLATENCY_H
#define SKOOP_ABI_SOCKETLATENCY_H

#include <skoop/abi/event.h>

/* Which way data went: the kinds of the histograms, to which the protocol is added. */
enum skoop_socket_wait {
	SKOOP_SOCKET_READ,  /* data had arrived, until it was read */
	SKOOP_SOCKET_WRITE, /* data was written, until some of it was sent */
};

/* Data that waited long in a socket; the process is the one that read late, or had written. */
struct skoop_socketlatency_event {
	struct skoop_event event;
	__u64 latency; /* ns */
};

#endif
