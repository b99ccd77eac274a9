/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counting in a hash with a bound: what finds no room is counted, so that rows + no room = all. Not an LRU hash, which
 * forgets counts in silence, and forgets all of them where packets with forged addresses come in.
 */
#ifndef SKOOP_ROWS_H
#define SKOOP_ROWS_H

#include <skoop/core.h>

/* The row of a key, made of `zeros` where there is none; NULL where there is no room, which `full` counts. */
static __always_inline void *row_of(void *rows, const void *key, const void *zeros, __u64 *full)
{
	void *row = bpf_map_lookup_elem(rows, key);

	if (row)
		return row;
	bpf_map_update_elem(rows, key, zeros, BPF_NOEXIST);
	row = bpf_map_lookup_elem(rows, key);
	if (!row)
		__sync_fetch_and_add(full, 1);
	return row;
}

#endif
