/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What packets and sockets say of themselves: their ends and their network namespace. */
#ifndef SKOOP_PACKET_H
#define SKOOP_PACKET_H

#include <skoop/abi/event.h>
#include <skoop/core.h>

#include <bpf/bpf_endian.h>

#define IPPROTO_HOPOPTS	 0
#define IPPROTO_ICMP	 1
#define IPPROTO_TCP	 6
#define IPPROTO_UDP	 17
#define IPPROTO_ROUTING	 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_ICMPV6	 58
#define IPPROTO_DSTOPTS	 60

/* Headers as they are on the wire: no kernel's own types, so nothing to relocate. */
struct ipv4_header {
	__u8 version_and_length;
	__u8 tos;
	__be16 total_length;
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__sum16 checksum;
	__u8 source[4];
	__u8 destination[4];
};

struct ipv6_header {
	__be32 flow;
	__be16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	__u8 source[16];
	__u8 destination[16];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inet_sock___port {
	__be16 inet_sport;
};

#pragma clang attribute pop

static __always_inline __u32 netns_of_sock(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline __u32 netns_of_device(struct net_device *device)
{
	return BPF_CORE_READ(device, nd_net.net, ns.inum);
}

/* The namespace a packet is in: that of its device, else of its socket; 0 where it has neither. */
static __always_inline __u32 netns_of_packet(struct sk_buff *skb)
{
	struct net_device *device = BPF_CORE_READ(skb, dev);
	struct sock *sk;

	if (device)
		return netns_of_device(device);
	sk = BPF_CORE_READ(skb, sk);
	return sk ? netns_of_sock(sk) : 0;
}

/* The IP version that the first byte of an IP header tells. */
static __always_inline __u8 version_at(const void *header)
{
	__u8 first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), header);
	return first >> 4;
}

static __always_inline void ports_at(struct skoop_tuple *tuple, const void *header)
{
	__be16 ports[2] = {};

	if (tuple->protocol != IPPROTO_TCP && tuple->protocol != IPPROTO_UDP)
		return;
	bpf_probe_read_kernel(ports, sizeof(ports), header);
	tuple->source_port = bpf_ntohs(ports[0]);
	tuple->destination_port = bpf_ntohs(ports[1]);
}

/* The ends in an IPv4 header at this address and in what follows; returns the transport header or NULL. */
static __always_inline void *tuple_of_ipv4(struct skoop_tuple *tuple, void *header)
{
	struct ipv4_header ip = {};

	if (bpf_probe_read_kernel(&ip, sizeof(ip), header))
		return NULL;
	tuple->family = AF_INET;
	tuple->protocol = ip.protocol;
	__builtin_memcpy(tuple->source, ip.source, 4);
	__builtin_memcpy(tuple->destination, ip.destination, 4);
	/* only the first fragment has the transport header */
	if (ip.fragment & bpf_htons(0x1fff))
		return NULL;
	header += (ip.version_and_length & 15) * 4;
	ports_at(tuple, header);
	return header;
}

/* The same of an IPv6 header, past a few extension headers. */
static __always_inline void *tuple_of_ipv6(struct skoop_tuple *tuple, void *header)
{
	struct ipv6_header ip = {};
	__u8 extension[4] = {};

	if (bpf_probe_read_kernel(&ip, sizeof(ip), header))
		return NULL;
	tuple->family = AF_INET6;
	__builtin_memcpy(tuple->source, ip.source, 16);
	__builtin_memcpy(tuple->destination, ip.destination, 16);
	tuple->protocol = ip.next_header;
	header += sizeof(ip);
#pragma unroll
	for (int depth = 0; depth < 4; depth++) {
		if (tuple->protocol != IPPROTO_HOPOPTS && tuple->protocol != IPPROTO_ROUTING &&
		    tuple->protocol != IPPROTO_DSTOPTS && tuple->protocol != IPPROTO_FRAGMENT)
			break;
		if (bpf_probe_read_kernel(extension, sizeof(extension), header))
			return NULL;
		if (tuple->protocol == IPPROTO_FRAGMENT) {
			tuple->protocol = extension[0];
			/* the offset is the upper 13 bits of the third and fourth byte */
			if (extension[2] || extension[3] & 0xf8)
				return NULL;
			header += 8;
		} else {
			tuple->protocol = extension[0];
			header += (extension[1] + 1) * 8;
		}
	}
	ports_at(tuple, header);
	return header;
}

/* The ends of a packet whose network header is set; returns the transport header, NULL where there is none. */
static __always_inline void *tuple_of_packet(struct skoop_tuple *tuple, struct sk_buff *skb)
{
	void *header = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);

	switch (version_at(header)) {
	case 4:
		return tuple_of_ipv4(tuple, header);
	case 6:
		return tuple_of_ipv6(tuple, header);
	}
	return NULL;
}

/* The ends that what is common to all sockets has, also to requests and to what waits for its end. */
static __always_inline void tuple_of_common(struct skoop_tuple *tuple, struct sock_common *common)
{
	__be32 source, destination;

	tuple->family = BPF_CORE_READ(common, skc_family);
	tuple->source_port = BPF_CORE_READ(common, skc_num);
	tuple->destination_port = bpf_ntohs(BPF_CORE_READ(common, skc_dport));
	if (tuple->family == AF_INET6) {
		BPF_CORE_READ_INTO(&tuple->source, common, skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&tuple->destination, common, skc_v6_daddr);
		return;
	}
	source = BPF_CORE_READ(common, skc_rcv_saddr);
	destination = BPF_CORE_READ(common, skc_daddr);
	__builtin_memcpy(tuple->source, &source, 4);
	__builtin_memcpy(tuple->destination, &destination, 4);
}

/* The ends of a connection as its socket has them: the own end is the source. */
static __always_inline void tuple_of_sock(struct skoop_tuple *tuple, struct sock *sk)
{
	tuple_of_common(tuple, &sk->__sk_common);
	tuple->protocol = BPF_CORE_READ(sk, sk_protocol);
	/* a socket that is being closed has given its port back, and still sends from it */
	if (!tuple->source_port && (tuple->family == AF_INET || tuple->family == AF_INET6))
		tuple->source_port =
			bpf_ntohs(BPF_CORE_READ((struct inet_sock___port *)sk, inet_sport));
}

/* The other way round. */
static __always_inline void tuple_reverse(struct skoop_tuple *tuple)
{
	__u16 port = tuple->source_port;
	__u8 address[16];

	__builtin_memcpy(address, tuple->source, 16);
	__builtin_memcpy(tuple->source, tuple->destination, 16);
	__builtin_memcpy(tuple->destination, address, 16);
	tuple->source_port = tuple->destination_port;
	tuple->destination_port = port;
}

/* An IPv4 connection of an IPv6 socket (::ffff:a.b.c.d) as what it is on the wire. */
static __always_inline void tuple_unmap(struct skoop_tuple *tuple)
{
	const __u32 *words = (const __u32 *)tuple->destination;

	if (tuple->family != AF_INET6 || words[0] || words[1] || words[2] != bpf_htonl(0xffff))
		return;
	tuple->family = AF_INET;
	__builtin_memcpy(tuple->source, tuple->source + 12, 4);
	__builtin_memcpy(tuple->destination, tuple->destination + 12, 4);
	__builtin_memset(tuple->source + 4, 0, 12);
	__builtin_memset(tuple->destination + 4, 0, 12);
}

#endif
