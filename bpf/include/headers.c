/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The headers are the product; a target needs one source file. */
