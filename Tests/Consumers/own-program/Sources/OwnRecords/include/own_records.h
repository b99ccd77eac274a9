/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the program in the kernel writes and the probe reads: one definition for both. */
#ifndef OWN_RECORDS_H
#define OWN_RECORDS_H

#ifdef __bpf__
#include <skoop/kernel.h>
#else
#include <linux/types.h>
#endif

struct own_reading {
	__u64 uptime_ns;
	__u64 namespaces;
};

#endif
