// SPDX-License-Identifier: Apache-2.0
import SkoopProbes

/// The hook at a tracepoint that probes must take: the typed one, unless this process is to avoid those.
func bestHook(ofTracepoint name: String) -> String {
    (ProbeEnvironment().avoidedHooks.contains("tp_btf") ? "raw_tp/" : "tp_btf/") + name
}
