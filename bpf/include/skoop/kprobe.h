/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What programs at kprobes get: the registers of the architecture, an ABI, so that nothing is relocated. */
#ifndef SKOOP_KPROBE_H
#define SKOOP_KPROBE_H

#include <skoop/core.h>

#if defined(__TARGET_ARCH_x86)
/* arch/x86/include/uapi/asm/ptrace.h */
struct pt_regs {
	unsigned long r15, r14, r13, r12, rbp, rbx;
	unsigned long r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	unsigned long orig_rax, rip, cs, eflags, rsp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
/* arch/arm64/include/uapi/asm/ptrace.h */
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp, pc, pstate;
};
#endif

#endif
