/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_TCPRETRANS_H
#define SKOOP_ABI_TCPRETRANS_H

#include <skoop/abi/event.h>

/* Why a packet is sent again; kind of the event. */
enum skoop_retrans_kind {
	SKOOP_RETRANS_SYN,	  /* no answer to the first segment */
	SKOOP_RETRANS_SYN_ACK,	  /* no answer to the answer to it */
	SKOOP_RETRANS_FAST,	  /* later segments were acknowledged */
	SKOOP_RETRANS_TIMEOUT,	  /* nothing was acknowledged for the timeout */
	SKOOP_RETRANS_SLOW_START, /* what else was on its way when the timeout came */
	SKOOP_RETRANS_TAIL_PROBE, /* the last segment, to find out whether it is lost (RFC 8985) */
	SKOOP_RETRANS_OTHER,
	SKOOP_RETRANS_KINDS,
};

/* One packet sent again, which may be several segments; the own end is the source. */
struct skoop_tcpretrans_event {
	struct skoop_event event;
	__u32 segments;
	__u32 bytes;	 /* of data */
	__u32 rtt;	 /* smoothed, us; 0 where none was measured yet */
	__u32 window;	 /* congestion window, segments */
	__u32 attempts;	 /* timeouts in a row before this one */
	__u8 state;	 /* of the socket (include/net/tcp_states.h) */
	__u8 congestion; /* enum tcp_ca_state */
	__u8 reserved[2];
};

struct skoop_retrans_key {
	__u32 netns;
	__u32 kind;
};

/* Packets between two ends; a connection's row, or that of all connections to the lower port, the higher being 0. */
struct skoop_retrans_ends {
	__u32 netns;
	__u16 source_port;
	__u16 destination_port;
	__u8 source[16];
	__u8 destination[16];
	__u8 family;
	__u8 reserved[3];
};

struct skoop_retrans_count {
	__u64 packets;
	__u64 segments;
	__u64 last; /* when, ns of CLOCK_MONOTONIC */
};

#endif
