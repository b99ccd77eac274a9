/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages of DNS as they are on the wire (RFC 1035), as far as programs look at them: the header, and the question.
 */
#ifndef SKOOP_DNS_MESSAGE_H
#define SKOOP_DNS_MESSAGE_H

#include <skoop/abi/dns.h>
#include <skoop/core.h>

#define LABELS 64
/* bytes of a name that tell questions of the same id apart */
#define HASHED 64

/* RFC 1035 section 4.1.1 */
struct dns_header {
	__be16 id;
	__u8 flags; /* QR, opcode (4), AA, TC, RD */
	__u8 code;  /* RA, Z (3), RCODE (4) */
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additional;
};

#define DNS_RESPONSE  0x80
#define DNS_OPCODE    0x78
#define DNS_TRUNCATED 0x02

/* All ones for what is below zero, else 0: no branch, and so no further state for the verifier. */
static __always_inline __u64 if_negative(__s64 value)
{
	return value >> 63;
}

/*
 * A place in a map that a number goes through makes the verifier forget where it came from. Otherwise it follows every
 * number that an address is made of back through all loops, which takes seconds.
 */
#define FORGET(place) (*(volatile typeof(place) *)&(place))

/* Finds the end of the name and the type behind it, and hashes both. */
static __always_inline void read_question(struct skoop_dns_query *query)
{
	__u64 hash = 0xcbf29ce484222325;
	__s64 place;

	for (int i = 0; i < LABELS; i++) {
		__u64 at = FORGET(query->name_length) & (SKOOP_DNS_NAME - 1);
		__s64 label = query->name[at];
		/* 1 to 63: the others are the root and pointers */
		__u64 step = (label + 1) & if_negative(-label) & if_negative(label - 64) &
			     if_negative((__s64)at - (__s64)query->length);

		if (!step)
			break;
		FORGET(query->name_length) = (at + step) & (SKOOP_DNS_NAME - 1);
	}
	place = FORGET(query->name_length);
	/* a name that did not come whole has no type that could be read */
	if (place + 2 < query->length) {
		query->type = query->name[(place + 1) & (SKOOP_DNS_NAME - 1)] << 8;
		query->type |= query->name[(place + 2) & (SKOOP_DNS_NAME - 1)];
	}
	if (place >= query->length)
		query->name_length = query->length ? query->length - 1 : SKOOP_DNS_NO_NAME;
	for (int i = 0; i < HASHED / 8; i++) {
		__s64 rest = place - 8 * i;
		__u64 mask = if_negative(7 - rest) | ((1ULL << (8 * (rest & 7))) - 1);

		if (rest <= 0)
			break;
		hash = (hash ^ (((__u64 *)query->name)[i] & mask)) * 0x100000001b3;
		hash ^= hash >> 29;
	}
	query->question = hash ^ (__u64)place << 16 ^ query->type;
}

/* What message() is told of a message's header. */
static __always_inline __u32 summary_of(const struct dns_header *header)
{
	return header->id | header->flags << 16 | header->code << 24;
}

#endif
