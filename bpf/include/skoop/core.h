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
#define SKOOP_LICENSE		  char LICENSE[] SEC("license") = "Dual BSD/GPL"

#define FOLLOW_2(source, a)	  (source)->a
#define FOLLOW_3(source, a, b)	  (source)->a->b
#define FOLLOW_4(source, a, b, c) (source)->a->b->c
#define FOLLOW(...)		  ___apply(FOLLOW_, ___narg(__VA_ARGS__))(__VA_ARGS__)

/*
 * BPF_CORE_READ() of a pointer that the hook gives a type (tp_btf, fentry, netfilter, iterators) or that it does not. With
 * a type it is a plain load, for which no helper is called, that gives 0 where the address is bad; a tenth of the cost.
 */
#define READ(typed, ...) ((typed) ? FOLLOW(__VA_ARGS__) : BPF_CORE_READ(__VA_ARGS__))

#endif
