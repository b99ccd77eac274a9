/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records that kernel programs write and Swift reads: one definition for both. */
#ifndef SKOOP_ABI_H
#define SKOOP_ABI_H

#ifdef __bpf__
#include <skoop/kernel.h>
#else
#include <linux/types.h>
#endif

#endif
