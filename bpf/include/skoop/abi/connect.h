/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_CONNECT_H
#define SKOOP_ABI_CONNECT_H

#include <skoop/abi/event.h>

/* What became of an attempt to connect; the kinds of the counters, and the first that of the histogram too. */
enum skoop_connect_result {
	SKOOP_CONNECT_ESTABLISHED,
	SKOOP_CONNECT_REFUSED,
	SKOOP_CONNECT_TIMEOUT,
	SKOOP_CONNECT_UNREACHABLE,
	SKOOP_CONNECT_PROHIBITED,
	SKOOP_CONNECT_NO_PORT,
	SKOOP_CONNECT_CLOSED, /* by the application, before an answer */
	SKOOP_CONNECT_FAILED, /* for any other reason */
	SKOOP_CONNECT_RESULTS,
	/* no result but a counter of its own: there was no answer in time */
	SKOOP_CONNECT_UNANSWERED = SKOOP_CONNECT_RESULTS,
};

/* An attempt that has no outcome yet. */
struct skoop_connect_attempt {
	__u64 sk;
	__u64 start; /* ns; 0 where it was not seen */
	__u32 netns;
	__u32 pid;
	__u32 thread;
	char comm[SKOOP_COMM];
	/* what the socket had counted before: it may have been used for an earlier attempt */
	__u32 segments;
	__u32 retransmits;
	__u32 reported; /* that there is no answer; written by the iterator */
};

/* One attempt to connect. */
struct skoop_connect_event {
	struct skoop_event event;
	__u64 latency;	   /* ns since the attempt began; 0 where that was not seen */
	__u32 retransmits; /* of the SYN */
	__u32 result;	   /* enum skoop_connect_result */
	__s32 error;	   /* errno; 0 where there is none */
	__u32 reserved;
};

#endif
