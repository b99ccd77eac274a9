/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads a field whose place only the kernel's types tell, at a hook that needs none of them. */
#include <skoop/core.h>
#include <skoop/kernel.h>

SKOOP_LICENSE;

const volatile __s32 wanted_process;
__u64 seen;

SEC("raw_tp")
int at_call(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (BPF_CORE_READ(task, tgid) == wanted_process)
		__sync_fetch_and_add(&seen, 1);
	return 0;
}
