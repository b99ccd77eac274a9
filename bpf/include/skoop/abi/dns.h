/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_DNS_H
#define SKOOP_ABI_DNS_H

#include <skoop/abi/event.h>

/* Which side of the conversation the host's own socket is. */
enum skoop_dns_role {
	SKOOP_DNS_CLIENT,
	SKOOP_DNS_SERVER,
	SKOOP_DNS_ROLES,
};

/*
 * Kinds of the counters: what is counted, plus the role, plus for the first the protocol (0: UDP, 1: TCP) and for the
 * responses the code. Histograms have the kinds 2 * role + protocol + SKOOP_DNS_WAYS * code, and a response that is in one
 * is in no counter.
 */
enum skoop_dns_counter {
	SKOOP_DNS_QUERIES = 0x00, /* + 2 * role + protocol */
	SKOOP_DNS_TRUNCATED = 0x10,
	SKOOP_DNS_RETRIED = 0x20,
	SKOOP_DNS_UNANSWERED = 0x30,
	SKOOP_DNS_LATE = 0x40,
	SKOOP_DNS_RESPONSES = 0x100, /* + 16 * role + code */
	SKOOP_DNS_CODES = 16,
	SKOOP_DNS_WAYS = 4,
};

enum skoop_dns_kind {
	SKOOP_DNS_NO_ANSWER,
	SKOOP_DNS_LATE_ANSWER, /* when nobody waited any more */
	SKOOP_DNS_ERROR,
	SKOOP_DNS_SLOW,
};

enum {
	SKOOP_DNS_NAME = 256,
	SKOOP_DNS_SHORT_NAME = 64,  /* most are no longer, and take a shorter record */
	SKOOP_DNS_NO_NAME = 0xffff, /* the length of one that is not known */
};

/*
 * What pairs an answer with its query, together with the client's address where the own socket is the server: never the
 * server's address, which NAT may change in between.
 */
struct skoop_dns_key {
	__u32 netns;
	__u16 port; /* the own one, host order, like the other */
	__u16 id;
	__u16 peer_port; /* of the client, where the own socket is the server; else 0 */
	__u8 protocol;	 /* IPPROTO_UDP or IPPROTO_TCP */
	__u8 role;
};

/* A query that has no answer yet. */
struct skoop_dns_query {
	__u64 hash;  /* of key and client */
	__u64 start; /* ns */
	struct skoop_dns_key key;
	__u32 thread;
	__u64 question; /* a hash of name and type */
	__u32 pid;
	__u32 tries;
	char comm[SKOOP_COMM];
	struct skoop_tuple tuple; /* from client to server */
	__u32 reported;		  /* that there is no answer; written by the iterator */
	__u16 type;
	__u16 name_length; /* without the last byte, which is 0 where the name came whole */
	__u32 length;	   /* bytes of the message that are in name */
	__u32 padding;
	__u8 name
		[SKOOP_DNS_NAME]; /* as on the wire: labels after their lengths, up to the empty one */
};

/* Followed by the name: SKOOP_DNS_SHORT_NAME bytes, or SKOOP_DNS_NAME where that is too few. */
struct skoop_dns_event {
	struct skoop_event event; /* the tuple is from client to server */
	__u64 latency;		  /* ns; 0 where the query was not seen */
	__u32 tries; /* how often it was asked, this one included; 0 where the query was not seen */
	__u16 id;
	__u16 type;
	__u8 role;
	__u8 code; /* of the answer, where there is one */
	__u16 name_length;
	__u32 reserved;
};

#endif
