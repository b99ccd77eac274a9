/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every program begins with: kernel types, helpers, relocatable reads, the licence. */
#ifndef SKOOP_CORE_H
#define SKOOP_CORE_H

#include <skoop/kernel.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* The kernel gives helpers for tracing only to programs under a licence that it takes for the GPL.
 */
#define SKOOP_LICENSE char LICENSE[] SEC("license") = "Dual BSD/GPL"

#endif
