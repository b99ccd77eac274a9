// SPDX-License-Identifier: Apache-2.0
#include "malloc_counter.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

static _Thread_local uint64_t calls;
static _Thread_local int64_t bytes;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static void *counted(void *block)
{
	calls++;
	bytes += (int64_t)malloc_usable_size(block);
	return block;
}

bool malloc_counter_available(void)
{
	return true;
}

uint64_t malloc_counter_value(void)
{
	return calls;
}

int64_t malloc_counter_bytes(void)
{
	return bytes;
}

void *malloc(size_t size)
{
	return counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
	int64_t before = (int64_t)malloc_usable_size(block);
	void *moved = __libc_realloc(block, size);

	if (moved || !size)
		bytes -= before;
	return counted(moved);
}

void free(void *block)
{
	bytes -= (int64_t)malloc_usable_size(block);
	__libc_free(block);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

void *memalign(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	if (alignment % sizeof(void *) || (alignment & (alignment - 1)) || !alignment)
		return EINVAL;
	*block = counted(__libc_memalign(alignment, size));
	return *block ? 0 : ENOMEM;
}

#else

bool malloc_counter_available(void)
{
	return false;
}

uint64_t malloc_counter_value(void)
{
	return 0;
}

int64_t malloc_counter_bytes(void)
{
	return 0;
}

#endif
