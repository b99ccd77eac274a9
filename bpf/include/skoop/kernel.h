/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel types, only the fields used; CO-RE finds them in the running kernel. */
#ifndef SKOOP_KERNEL_H
#define SKOOP_KERNEL_H

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __sum16;
typedef __u32 __wsum;
typedef _Bool bool;

#endif
