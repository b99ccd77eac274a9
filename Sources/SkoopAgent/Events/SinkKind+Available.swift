// SPDX-License-Identifier: Apache-2.0
public import SkoopEvents

#if HTTPSinks
    import SkoopSinks
#endif

extension SinkKind {
    /// The sinks that this build has: `stderr` and `file`, with the trait `HTTPSinks` also `loki` and `otlp`.
    public static var available: [SinkKind] {
        #if HTTPSinks
            builtIn + [SinkKind(LokiSink.self), SinkKind(OTLPSink.self)]
        #else
            builtIn
        #endif
    }
}
