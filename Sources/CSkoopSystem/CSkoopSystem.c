// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* Together with the headers above, the compiler compares the prototypes. */
#include "CSkoopSystem.h"

int skoop_pidfd_open(int pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}

int skoop_set_socket_timeouts(int fd, long seconds, long microseconds)
{
	struct timeval limit = { .tv_sec = seconds, .tv_usec = microseconds };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}
