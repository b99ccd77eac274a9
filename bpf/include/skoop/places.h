/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Remembering something of what is under way, by a number: a packet on its way through the kernel by the address of its
 * sk_buff, a connection that is being opened by that of its socket, a call by its thread.
 *
 * Not a hash map, whose insertion and removal take a lock and a free list each, but buckets of four places: a quarter of
 * the cost. Nothing leaks: what ended unseen keeps its place until another of the same number or a younger one in the same
 * bucket takes it. Where a place is taken from what may still be under way, that is counted.
 *
 * Two CPUs that fill one bucket at the same instant may take the same place; what was there first is then not found any
 * more.
 */
#ifndef SKOOP_PLACES_H
#define SKOOP_PLACES_H

#include <skoop/core.h>

/* Places of a bucket. */
#define PLACES 4
/* Longer than anything is under way: who took a place from something as old as this took it from nobody. */
#define PLACE_LIFETIME 60000000000ULL

/* What a place begins with. */
struct place {
	__u64 key;
	__u64 since; /* ns; 0 where the rest is of no use any more */
};

/* What a bucket begins with: all keys in one line of the cache, so that the places are not touched in search of one. */
struct bucket {
	__u64 keys[PLACES]; /* 0: the place is free */
};

static __u64 pointer_anchor;

/*
 * The address in a pointer whose type the verifier knows and which it lets nobody calculate with, except for its distance
 * to another pointer.
 */
static __always_inline __u64 number_of_typed(const void *pointer)
{
	__u64 anchor = *(volatile __u64 *)&pointer_anchor;

	if (!anchor) {
		*(void *volatile *)&pointer_anchor = &pointer_anchor;
		anchor = *(volatile __u64 *)&pointer_anchor;
	}
	return (__u64)pointer - (__u64)&pointer_anchor + anchor;
}

static __always_inline __u64 number_of(const void *pointer, bool typed)
{
	return typed ? number_of_typed(pointer) : (__u64)pointer;
}

static __always_inline __u32 bucket_index(__u64 key, __u32 log)
{
	return key * 0x9e3779b97f4a7c15ULL >> (64 - log);
}

static __always_inline void *place_find(struct bucket *bucket, __u32 size, __u64 key)
{
	if (!bucket)
		return NULL;
#pragma unroll
	for (int number = 0; number < PLACES; number++)
		if (bucket->keys[number] == key)
			return (void *)(bucket + 1) + number * size;
	return NULL;
}

static __always_inline int place_longest_taken(struct bucket *bucket, __u32 size, __u64 now,
					       __u64 *displaced)
{
	struct place *place, *oldest = (void *)(bucket + 1);
	int number, found = 0;

#pragma unroll
	for (number = 1; number < PLACES; number++) {
		place = (void *)(bucket + 1) + number * size;
		if (place->since < oldest->since) {
			oldest = place;
			found = number;
		}
	}
	if (oldest->since && now - oldest->since < PLACE_LIFETIME)
		__sync_fetch_and_add(displaced, 1);
	return found;
}

static __always_inline void *place_take(struct bucket *bucket, __u32 size, __u64 key, __u64 now,
					__u64 *displaced)
{
	struct place *place = NULL;
	int chosen = -1;

	if (!bucket)
		return NULL;
#pragma unroll
	for (int number = PLACES - 1; number >= 0; number--)
		if (!bucket->keys[number])
			chosen = number;
#pragma unroll
	for (int number = 0; number < PLACES; number++)
		if (bucket->keys[number] == key)
			chosen = number;
	if (chosen < 0)
		chosen = place_longest_taken(bucket, size, now, displaced);
#pragma unroll
	for (int number = 0; number < PLACES; number++)
		if (chosen == number) {
			bucket->keys[number] = key;
			place = (void *)(bucket + 1) + number * size;
		}
	if (!place)
		return NULL;
	place->key = key;
	place->since = now;
	return place;
}

static __always_inline void place_free(struct bucket *bucket, __u64 key)
{
	if (!bucket)
		return;
#pragma unroll
	for (int number = 0; number < PLACES; number++)
		if (bucket->keys[number] == key)
			bucket->keys[number] = 0;
}

/*
 * A map `name` of 2^(log + 2) places of a type that begins as struct place does, a counter <name>_displaced, and
 * functions: <name>_find(key) gives what is remembered, NULL where it is nothing; <name>_take(key, now) a place for what
 * begins now, whose members after the first two hold anything; <name>_free(key) says that it is over.
 */
#define SKOOP_PLACES(name, record, log)                                                            \
	struct name##_bucket {                                                                     \
		struct bucket bucket;                                                              \
		record places[PLACES];                                                             \
	};                                                                                         \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, 1 << (log));                                                   \
		__type(key, __u32);                                                                \
		__type(value, struct name##_bucket);                                               \
	} name SEC(".maps");                                                                       \
	__u64 name##_displaced;                                                                    \
	static __always_inline struct bucket *name##_bucket_of(__u64 key)                          \
	{                                                                                          \
		__u32 index = bucket_index(key, log);                                              \
		return bpf_map_lookup_elem(&name, &index);                                         \
	}                                                                                          \
	static __always_inline record *name##_find(__u64 key)                                      \
	{                                                                                          \
		return place_find(name##_bucket_of(key), sizeof(record), key);                     \
	}                                                                                          \
	static __always_inline record *name##_take(__u64 key, __u64 now)                           \
	{                                                                                          \
		return place_take(name##_bucket_of(key), sizeof(record), key, now,                 \
				  &name##_displaced);                                              \
	}                                                                                          \
	static __always_inline void name##_free(__u64 key)                                         \
	{                                                                                          \
		place_free(name##_bucket_of(key), key);                                            \
	}

#endif
