/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <skoop/core.h>

SKOOP_LICENSE;

SEC("raw_tp")
int reads_anywhere(__u64 *context)
{
	__u64 *address = (__u64 *)(*context);

	return *address;
}
