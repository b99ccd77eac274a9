/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_NETDEV_H
#define SKOOP_ABI_NETDEV_H

#include <skoop/abi.h>

/* Places of the counters of a device. */
enum skoop_netdev_counter {
	SKOOP_NETDEV_RX_BYTES,
	SKOOP_NETDEV_RX_ERRORS,
	SKOOP_NETDEV_RX_PACKETS,
	SKOOP_NETDEV_RX_DROPPED,
	SKOOP_NETDEV_TX_BYTES,
	SKOOP_NETDEV_TX_ERRORS,
	SKOOP_NETDEV_TX_PACKETS,
	SKOOP_NETDEV_TX_DROPPED,
	SKOOP_NETDEV_COUNTERS,
};

enum {
	/* what a namespace may have beside loopback to be read in one pass; a power of two */
	SKOOP_NETDEV_DEVICES = 4,
};

struct skoop_netdev_device {
	__u64 ifindex;
	char name[16];
	__u64 counters[SKOOP_NETDEV_COUNTERS];
};

/* The devices of one namespace but loopback. */
struct skoop_netdev_row {
	__u64 inum;
	__u64 cookie;
	__u32 count;
	__u32 complete; /* the counters of all of them are here */
	struct skoop_netdev_device devices[SKOOP_NETDEV_DEVICES];
};

#endif
