/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every program begins with: kernel types, helpers, relocatable reads, the licence. */
#ifndef SKOOP_CORE_H
#define SKOOP_CORE_H

#include <skoop/kernel.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* The kernel gives helpers for tracing only to programs under a licence that it takes for the GPL. */
#define SKOOP_LICENSE char LICENSE[] SEC("license") = "Dual BSD/GPL"

/* From enum bpf_map_type and the map flags of include/uapi/linux/bpf.h, which cannot be included
 * beside kernel types of our own. */
#ifndef BPF_F_MMAPABLE
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_STACK_TRACE = 7,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_LRU_PERCPU_HASH = 10,
	BPF_MAP_TYPE_LPM_TRIE = 11,
	BPF_MAP_TYPE_RINGBUF = 27,
};

#define BPF_F_NO_PREALLOC (1U << 0)
#define BPF_F_RDONLY_PROG (1U << 7)
#define BPF_F_MMAPABLE	  (1U << 10)

#define BPF_ANY	    0
#define BPF_NOEXIST 1
#define BPF_EXIST   2

#define BPF_RB_NO_WAKEUP    (1ULL << 0)
#define BPF_RB_FORCE_WAKEUP (1ULL << 1)
#endif

#endif
