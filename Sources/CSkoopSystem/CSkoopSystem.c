// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Together with the headers above, the compiler compares the prototypes. */
#include "CSkoopSystem.h"

int skoop_pidfd_open(int pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}
