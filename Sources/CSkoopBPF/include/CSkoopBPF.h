/* SPDX-License-Identifier: Apache-2.0 */
/* What Swift cannot call: a va_list, and thread-local storage. */
#ifndef CSKOOPBPF_H
#define CSKOOPBPF_H

#include <stddef.h>

/* Receives one message of libbpf: level 0 is a warning, 1 information, 2 debugging. */
typedef void (*skoop_bpf_log_handler)(int level, const char *message);

/* Takes libbpf's messages over for the whole process: what no thread collects goes to the handler,
 * which is told of levels up to max_level. A null handler drops them. */
void skoop_bpf_set_log_handler(skoop_bpf_log_handler handler, int max_level);

/* Appends the warnings that libbpf gives on this thread to buffer, as lines, until called with
 * null. */
void skoop_bpf_collect_warnings(char *buffer, size_t size);

#endif
