// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <unistd.h>

/* Nothing to add: this file makes the compiler compare the prototypes. */
#include "CSkoopSystem.h"
