/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_H
#define WIRE_H

#include <sys/types.h>

/* Sets loopback up and makes eth0, the near end of a veth pair, in the caller's namespace. 0 or
 * -errno. */
int wire_up(pid_t uplink, unsigned int number);

#endif
