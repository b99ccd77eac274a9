/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SKOOP_ABI_BIRTHS_H
#define SKOOP_ABI_BIRTHS_H

#include <skoop/abi.h>

/* How many directories of a control group's path are told, from the innermost on, and how long their names may be. */
enum {
	SKOOP_BIRTH_DEPTH = 8,
	SKOOP_BIRTH_NAME = 128,
};

/*
 * The first program that is run in a network namespace by a task of a control group. After it come the names of the control
 * group's directories, twice SKOOP_BIRTH_DEPTH of SKOOP_BIRTH_NAME bytes: in the hierarchy of version 2, then in one of
 * version 1; an empty name is the hierarchy's root, or there is none.
 */
struct skoop_birth {
	__u64 time;	      /* ns of CLOCK_MONOTONIC */
	__u64 cookie;	      /* of the network namespace; 0 before 5.14 */
	__u64 start_boottime; /* ns, of the thread group's leader */
	__u64 pid;	      /* the thread group */
	struct skoop_task_group group;
};

#endif
