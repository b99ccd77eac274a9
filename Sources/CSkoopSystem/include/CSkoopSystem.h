/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CSKOOPSYSTEM_H
#define CSKOOPSYSTEM_H

/*
 * System calls that the C library declares only under _GNU_SOURCE, which a
 * Swift program cannot define: the same prototypes again. No libc header with
 * types is included: the importer would take its types for this module's.
 */

#include <stddef.h>

int gettid(void);
long getdents64(int fd, void *buffer, size_t length);
int setns(int fd, int nstype);
int pipe2(int fds[2], int flags);
/* accept4(2), its address untyped. */
int skoop_accept4(int fd, void *address, unsigned int *length, int flags) __asm__("accept4");
int unshare(int flags);

/* mallopt(3); the parameters of <malloc.h> that are used. */
int mallopt(int parameter, int value);
enum {
	SKOOP_M_TRIM_THRESHOLD = -1,
	SKOOP_M_ARENA_MAX = -8,
};

/* pidfd_open(2) with flags 0; C libraries before glibc 2.36 have no wrapper. */
int skoop_pidfd_open(int pid);

/*
 * openat2(2), read-only, with a root directory that neither .. nor absolute
 * symbolic links lead out of; since Linux 5.6. Never waits for a writer.
 */
int skoop_open_inside(int root, const char *path);

/*
 * SO_RCVTIMEO and SO_SNDTIMEO of socket(7). In C because the importer is not of
 * one mind whose type struct timeval is.
 */
int skoop_set_socket_timeouts(int fd, long seconds, long microseconds);

/*
 * Has a crash of this process write some bytes to a terminal and give it back
 * the settings it has now, before whoever handled crashes until now handles it.
 * The bytes must stay. One terminal at a time; -1 and errno where it is none.
 */
int skoop_guard_terminal(int fd, const char *bytes, size_t length);
void skoop_release_terminal(void);

#endif
