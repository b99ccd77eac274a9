/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SKOOP_MALLOC_COUNTER_H
#define SKOOP_MALLOC_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/* False under a sanitizer or another C library than glibc: nothing is counted there. */
bool malloc_counter_available(void);

/* How often the calling thread has allocated, grown blocks included. */
uint64_t malloc_counter_value(void);

/* How many bytes the calling thread has allocated and not freed; less than none where it frees what others made. */
int64_t malloc_counter_bytes(void);

#endif
