// SPDX-License-Identifier: Apache-2.0
import SkoopTesting
import Testing

/// Everything that loads programs into the running kernel.
@Suite(.serialized, .requiresRoot) enum KernelTests {}
