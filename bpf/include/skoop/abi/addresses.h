/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_ADDRESSES_H
#define SKOOP_ABI_ADDRESSES_H

#include <skoop/abi.h>

/* How often the addresses of one namespace have changed. */
struct skoop_addresses_row {
	__u64 inum;
	__u64 cookie;
	__u32 changes4; /* of IPv4, modulo 2^32 */
	__u32 changes6;
};

#endif
