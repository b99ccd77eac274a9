// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
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

int skoop_open_inside(int root, const char *path)
{
	/* struct open_how and constants of linux/openat2.h, which not every C library ships. */
	const struct {
		unsigned long long flags, mode, resolve;
	} how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = 0x10 /* RESOLVE_IN_ROOT */ | 0x02 /* RESOLVE_NO_MAGICLINKS */,
	};

	return syscall(437 /* SYS_openat2 */, root, path, &how, sizeof(how));
}

int skoop_set_socket_timeouts(int fd, long seconds, long microseconds)
{
	struct timeval limit = {.tv_sec = seconds, .tv_usec = microseconds};

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}
