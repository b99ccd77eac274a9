// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import SkoopExport
    import SkoopSystem
    import Synchronization

    /// What the connections of a server share.
    final class Site: Sendable {
        /// How much there is to do.
        struct Load: Sendable {
            var connections = 0
            /// Pages being made or sent.
            var scrapes = 0
        }

        let agent: Agent
        let endpoint: HTTPServer.Endpoint
        let timeouts: HTTPServer.Timeouts
        let load = Monitor(Load())
        private let encoders = Mutex<[SnapshotEncoder]>([])

        init(agent: Agent, endpoint: HTTPServer.Endpoint, timeouts: HTTPServer.Timeouts) {
            self.agent = agent
            self.endpoint = endpoint
            self.timeouts = timeouts
        }

        private var limits: Configuration.Limits { agent.configuration.limits }

        /// Counts a connection; false when there are enough.
        func enter() -> Bool {
            load.update { load in
                guard load.connections < limits.connections else { return false }
                load.connections += 1
                return true
            }
        }

        func leave() { load.update { $0.connections -= 1 } }

        /// Counts a page; false when there are enough.
        func beginScrape() -> Bool {
            load.update { load in
                guard load.scrapes < limits.scrapes else { return false }
                load.scrapes += 1
                return true
            }
        }

        func endScrape() { load.update { $0.scrapes -= 1 } }

        /// An encoder, most often one that has rendered the labels before.
        func takeEncoder() -> SnapshotEncoder { encoders.withLock { $0.popLast() } ?? SnapshotEncoder() }

        /// Keeps an encoder for the next page; two will do for what usually scrapes.
        func keep(_ encoder: SnapshotEncoder) {
            encoders.withLock { if $0.count < 2 { $0.append(encoder) } }
        }
    }
#endif
