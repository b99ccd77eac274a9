/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which network namespace and which control groups a task is in. */
#ifndef SKOOP_TASK_H
#define SKOOP_TASK_H

#include <skoop/abi.h>
#include <skoop/core.h>

/* The control group of a task for a controller; with version 2 it may be above the task's own. */
static __always_inline struct cgroup *controller_cgroup(struct css_set *set, int controller)
{
	struct cgroup_subsys_state *css;
	const void *place = (void *)set + bpf_core_field_offset(struct css_set, subsys);

	if (bpf_probe_read_kernel(&css, sizeof(css), place + controller * sizeof(css)))
		return NULL;
	return BPF_CORE_READ(css, cgroup);
}

/* The same for a controller by its name in enum cgroup_subsys_id; NULL where the kernel was built without it. */
#define CONTROLLER_CGROUP(set, name)                                                               \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, name##_cgrp_id)                         \
		 ? controller_cgroup(set,                                                          \
				     bpf_core_enum_value(enum cgroup_subsys_id, name##_cgrp_id))   \
		 : NULL)

static __always_inline void read_task_group(struct task_struct *task,
					    struct skoop_task_group *group)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);

	group->namespace = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
	group->cgroup = BPF_CORE_READ(set, dfl_cgrp, kn, id);
	group->cgroup_cpu = BPF_CORE_READ(CONTROLLER_CGROUP(set, cpu), kn, id);
	group->cgroup_memory = BPF_CORE_READ(CONTROLLER_CGROUP(set, memory), kn, id);
}

#endif
