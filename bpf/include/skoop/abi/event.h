/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every event record begins with; a probe's own record has it as its first member, in a header of its own here. */
#ifndef SKOOP_ABI_EVENT_H
#define SKOOP_ABI_EVENT_H

#ifdef __bpf__
#include <skoop/kernel.h>
#else
#include <linux/types.h>
#endif

/* The ends of a packet or connection; aligned, so that addresses are copied by words. */
struct skoop_tuple {
	__u8 source[16];      /* an IPv4 address has the first 4 bytes, the others are 0 */
	__u8 destination[16]; /* likewise */
	__u16 source_port;    /* host order, like the other; 0 where the protocol has none */
	__u16 destination_port;
	__u8 family;   /* AF_INET or AF_INET6; 0 where nothing is known of the ends */
	__u8 protocol; /* IPPROTO_… */
	__u8 reserved[2];
} __attribute__((aligned(8)));

enum {
	SKOOP_COMM = 16,
};

struct skoop_event {
	__u64 time;   /* ns, CLOCK_MONOTONIC (bpf_ktime_get_ns) */
	__u32 netns;  /* inode of the network namespace; 0 where it is not known */
	__u32 kind;   /* which of the probe's events */
	__u32 pid;    /* process (thread group); 0 where the event is none of a process's own */
	__u32 thread; /* likewise */
	char comm[SKOOP_COMM];
	struct skoop_tuple tuple;
};

/* Frames of a kernel stack that follow a record where stacks are asked for; unused ones are 0. */
enum {
	SKOOP_STACK_FRAMES = 32,
};

/* How a program's events fared, per CPU. */
struct skoop_event_counts {
	__u64 emitted; /* events that were to be reported: submitted + lost */
	__u64 lost;    /* of them, those the ring buffer had no room for */
};

#endif
