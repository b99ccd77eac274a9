// SPDX-License-Identifier: Apache-2.0
// The header is what counts; a target needs one source file.
#include "own_records.h"
